#include "observe/known_accounts.hpp"

#include <algorithm>
#include <vector>

#include "base/hash.hpp"
#include "store/bulk.hpp"

namespace linnet::observe {
namespace {

using model::AccountSighting;
using model::MaybeText;
using store::ColumnType;
using store::Value;

Value value_of(const MaybeText& text) {
  return text ? Value(*text) : Value();
}
Value value_of(const std::optional<std::int64_t>& number) {
  return number ? Value(*number) : Value();
}

const store::BulkLookup kFindAccounts{"platform_users",
                                      {{"instance_id", ColumnType::integer}, {"id", ColumnType::text}},
                                      "discovered_at, last_updated_at"};
const store::BulkInsert kWriteAccounts{
    "platform_users",
    {{"instance_id", ColumnType::integer},
     {"id", ColumnType::text},
     {"username", ColumnType::text},
     {"acct", ColumnType::text},
     {"display_name", ColumnType::text},
     {"domain", ColumnType::text},
     {"profile_url", ColumnType::text},
     {"avatar_url", ColumnType::text},
     {"bio", ColumnType::text},
     {"follower_count", ColumnType::integer},
     {"following_count", ColumnType::integer},
     {"post_count", ColumnType::integer},
     {"is_verified", ColumnType::integer},
     {"is_private", ColumnType::integer},
     {"is_bot", ColumnType::integer},
     {"created_at", ColumnType::integer},
     {"discovered_at", ColumnType::integer},
     {"last_seen_at", ColumnType::integer},
     {"last_updated_at", ColumnType::integer}},
    "ON CONFLICT (instance_id, id) DO UPDATE SET username = excluded.username, acct = excluded.acct, "
    "display_name = excluded.display_name, domain = excluded.domain, profile_url = excluded.profile_url, "
    "avatar_url = excluded.avatar_url, bio = excluded.bio, follower_count = excluded.follower_count, "
    "following_count = excluded.following_count, post_count = excluded.post_count, "
    "is_verified = excluded.is_verified, is_private = excluded.is_private, is_bot = excluded.is_bot, "
    "created_at = excluded.created_at, discovered_at = excluded.discovered_at, "
    "last_seen_at = excluded.last_seen_at, last_updated_at = excluded.last_updated_at"};
const store::BulkUpdate kTouchAccounts{"platform_users",
                                       {{"instance_id", ColumnType::integer}, {"id", ColumnType::text}},
                                       {{"discovered_at", ColumnType::integer},
                                        {"last_seen_at", ColumnType::integer},
                                        {"last_updated_at", ColumnType::integer}}};

std::uint64_t hash_of(const AccountSighting& account) {
  std::uint64_t hash = fast_hash(account.acct);
  for (const auto& part : {account.display_name, account.profile_url, account.avatar_url, account.bio}) {
    hash = part ? fast_hash(*part, hash) : hash * 31 + 7;
  }
  const std::int64_t numbers[] = {account.follower_count.value_or(-1),
                                  account.following_count.value_or(-1),
                                  account.post_count.value_or(-1),
                                  account.created_at ? to_micros(*account.created_at) : -1,
                                  account.is_verified,
                                  account.is_private,
                                  account.is_bot};
  hash = fast_hash({reinterpret_cast<const char*>(numbers), sizeof(numbers)}, hash);
  return fast_hash(account.username, hash) | 1U;
}

}  // namespace

void KnownAccounts::saw(InstanceId instance, const AccountSighting& account, Instant received_at) {
  key_.assign(reinterpret_cast<const char*>(&instance.value()), sizeof(std::int64_t));
  key_.append(account.id);
  auto place = seen_.find(key_);
  if (place == seen_.end()) {
    seen_.emplace(key_, Seen{instance, &account, received_at, received_at});
    return;
  }
  auto& seen = place->second;
  seen.oldest_at = std::min(seen.oldest_at, received_at);
  if (received_at >= seen.newest_at) {
    seen.newest = &account;
    seen.newest_at = received_at;
  }
}

Status KnownAccounts::load_missing(store::Connection& connection) {
  store::RowBatch keys(2);
  std::vector<Known*> places;
  for (const auto& [key, seen] : seen_) {
    const auto [place, is_new] = known_.try_emplace(key);
    if (!is_new) continue;
    keys.add_row(seen.instance.value(), seen.newest->id);
    places.push_back(&place->second);
  }
  if (keys.empty()) return {};
  return connection.lookup_many(kFindAccounts, keys, [&](std::size_t index, const store::Statement& row) {
    auto& known = *places[index];
    known.is_stored = true;
    known.discovered_at = row.instant(0);
    known.updated_at = row.instant(1);
  });
}

Status KnownAccounts::write(store::Connection& connection) {
  LINNET_CHECK(load_missing(connection));
  store::RowBatch written(19);
  store::RowBatch touched(5);
  std::vector<std::pair<std::string_view, const Seen*>> ordered;
  ordered.reserve(seen_.size());
  for (const auto& [key, seen] : seen_) ordered.emplace_back(key, &seen);
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [key, seen] : ordered) {
    auto& known = known_.find(key)->second;
    const auto& account = *seen->newest;
    const Instant discovered_at =
        known.is_stored ? std::min(known.discovered_at, seen->oldest_at) : seen->oldest_at;
    const bool is_newer = !known.is_stored || seen->newest_at >= known.updated_at;
    if (is_newer) {
      const auto hash = hash_of(account);
      const bool is_new_profile = hash != known.profile_hash;
      if (!is_new_profile && seen->newest_at == known.updated_at && discovered_at == known.discovered_at)
        continue;
      known.profile_hash = hash;
      known.updated_at = seen->newest_at;
      const auto at = to_micros(seen->newest_at);
      if (is_new_profile) {
        written.add_row(seen->instance.value(), account.id, account.username, account.acct,
                        value_of(account.display_name), value_of(account.domain()),
                        value_of(account.profile_url), value_of(account.avatar_url), value_of(account.bio),
                        value_of(account.follower_count), value_of(account.following_count),
                        value_of(account.post_count), std::int64_t{account.is_verified},
                        std::int64_t{account.is_private}, std::int64_t{account.is_bot},
                        store::value_of(account.created_at), to_micros(discovered_at), at, at);
      } else {
        touched.add_row(seen->instance.value(), account.id, to_micros(discovered_at), at, at);
      }
    } else if (discovered_at != known.discovered_at) {
      const auto at = to_micros(known.updated_at);
      touched.add_row(seen->instance.value(), account.id, to_micros(discovered_at), at, at);
    }
    known.discovered_at = discovered_at;
    known.is_stored = true;
  }
  if (!written.empty()) LINNET_CHECK(connection.insert_many(kWriteAccounts, written));
  if (!touched.empty()) LINNET_CHECK(connection.update_many(kTouchAccounts, touched));
  seen_.clear();
  if (known_.size() > kMostKept) known_.clear();
  return {};
}

void KnownAccounts::forget() {
  known_.clear();
  seen_.clear();
}

}  // namespace linnet::observe
