#include "connect/mastodon/follows.hpp"

#include <set>
#include <unordered_set>

#include "base/log.hpp"
#include "store/bulk.hpp"

namespace linnet::connect::mastodon {
namespace {

using store::ColumnType;

const store::BulkInsert& follow_rows() {
  static const store::BulkInsert rows{"account_follows",
                                      {{"instance_id", ColumnType::integer},
                                       {"follower_account_id", ColumnType::text},
                                       {"followee_account_id", ColumnType::text},
                                       {"seen_at", ColumnType::integer}},
                                      R"(ON CONFLICT (instance_id, follower_account_id, followee_account_id)
                                         DO UPDATE SET seen_at = excluded.seen_at)"};
  return rows;
}

constexpr std::string_view kForgetFollowers =
    "DELETE FROM account_follows WHERE instance_id = $1 AND followee_account_id = $2 AND seen_at < $3";
constexpr std::string_view kForgetFollowing =
    "DELETE FROM account_follows WHERE instance_id = $1 AND follower_account_id = $2 AND seen_at < $3";

Status write_page(store::Writer& writer, InstanceId instance, const std::string& account, FollowSide side,
                  std::vector<std::string> ids, Instant seen_at) {
  return writer.write([=, ids = std::move(ids)](store::Connection& connection) {
    store::RowBatch rows(4);
    for (const auto& id : ids) {
      const bool is_follower = side == FollowSide::followers;
      rows.add_row(instance.value(), std::string_view(is_follower ? id : account),
                   std::string_view(is_follower ? account : id), to_micros(seen_at));
    }
    return connection.insert_many(follow_rows(), rows);
  });
}

Result<std::size_t> read_side(ApiClient& api, store::Writer& writer, InstanceId instance,
                              const std::string& account, FollowSide side, Instant started,
                              const std::stop_token& stop) {
  std::size_t count = 0;
  bool is_cut = false;
  std::optional<std::string> page_url;
  std::set<std::string> seen;  // a server may send us round in a circle
  std::unordered_set<std::string> known;
  do {
    LINNET_TRY(auto page, api.follows(side, account, page_url, stop));
    std::erase_if(page.ids, [&](const auto& id) { return !known.insert(id).second; });
    count += page.ids.size();
    const bool brings_nothing = page.ids.empty();
    if (!page.ids.empty())
      LINNET_CHECK(write_page(writer, instance, account, side, std::move(page.ids), started));
    is_cut = page.is_cut || (page.next_url && (brings_nothing || !seen.insert(*page.next_url).second));
    if (is_cut) break;
    page_url = std::move(page.next_url);
  } while (page_url);
  if (is_cut) {
    log::warn(
        "{}: {} follows of an account were read, and the server shows no way to the rest: those that "
        "were known stay",
        api.base_url(), count);
    return count;
  }
  const auto forget = side == FollowSide::followers ? kForgetFollowers : kForgetFollowing;
  LINNET_CHECK(writer.write([=](store::Connection& connection) {
    return store::run(connection, forget, {instance.value(), std::string_view(account), to_micros(started)});
  }));
  return count;
}

}  // namespace

Result<FollowsRead> read_follows(ApiClient& api, store::Writer& writer, InstanceId instance,
                                 const PlatformUserId& account, Clock& clock, const std::stop_token& stop) {
  const auto started = clock.now();
  FollowsRead read;
  LINNET_TRY(read.followers,
             read_side(api, writer, instance, account.value(), FollowSide::followers, started, stop));
  LINNET_TRY(read.following,
             read_side(api, writer, instance, account.value(), FollowSide::following, started, stop));
  return read;
}

}  // namespace linnet::connect::mastodon
