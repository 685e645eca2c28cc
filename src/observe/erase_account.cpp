#include "observe/erase_account.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "connect/mastodon/person_eraser.hpp"

namespace linnet::observe {
namespace {

namespace json = boost::json;
using store::Statement;

constexpr std::int64_t kHour = 3'600'000'000;  // microseconds
constexpr std::string_view kTheirs = "(SELECT id FROM posts WHERE instance_id = $1 AND account_id = $2)";

// A JSON array of texts, as posts keep their hashtags and mentions.
std::vector<std::string> texts_of(std::string_view array) {
  std::vector<std::string> texts;
  boost::system::error_code error;
  const auto value = json::parse(array, error);
  if (error || !value.is_array()) return texts;
  for (const auto& item : value.get_array())
    if (item.is_string()) texts.emplace_back(item.get_string());
  return texts;
}

struct TagUse {
  std::int64_t tag;
  std::int64_t hour;
  friend auto operator<=>(const TagUse&, const TagUse&) = default;  // NOLINT(modernize-use-nullptr)
};

struct TaggedPost {
  std::string id;
  std::int64_t created_at;
  std::vector<std::string> tags;
};

class AccountEraser {
 public:
  AccountEraser(store::Connection& connection, const PersonAccount& account)
      : connection_(connection), instance_(account.instance.value()), account_(account.id) {}

  Status erase(std::vector<std::int64_t>& rows) {
    LINNET_CHECK(erase_from_others());
    LINNET_CHECK(erase_taggings(rows));
    for (const auto* const table :
         {"post_past_versions", "post_metric_snapshots", "post_unchanged_counts", "post_tombstones",
          "post_mentions", "media_attachments", "content_changes", "post_sentiments"}) {
      LINNET_CHECK(
          on_theirs(fmt::format("DELETE FROM {} WHERE instance_id = $1 AND post_id IN {}", table, kTheirs)));
    }
    LINNET_CHECK(on_theirs("DELETE FROM posts WHERE instance_id = $1 AND account_id = $2"));
    LINNET_CHECK(
        on_theirs("DELETE FROM account_follows WHERE instance_id = $1 AND (follower_account_id = $2 OR "
                  "followee_account_id = $2)"));
    LINNET_CHECK(on_theirs("DELETE FROM platform_users WHERE instance_id = $1 AND id = $2"));
    return count_hours_again();
  }

 private:
  Status on_theirs(std::string_view sql) {
    return store::run(connection_, sql, {instance_, std::string_view(account_)});
  }

  Status erase_from_others() {
    LINNET_CHECK(on_theirs(fmt::format(
        "UPDATE posts SET reblog_of_id = '{}', uri = NULL, url = NULL, language = NULL, sensitive = 0 WHERE "
        "instance_id = $1 AND account_id <> $2 AND reblog_of_id IN {}",
        connect::mastodon::kErasedPost, kTheirs)));
    LINNET_CHECK(on_theirs(fmt::format(
        "UPDATE posts SET in_reply_to_id = '{}', in_reply_to_account_id = NULL WHERE instance_id = $1 "
        "AND in_reply_to_account_id = $2",
        connect::mastodon::kErasedPost)));
    LINNET_CHECK(erase_mentions());
    return on_theirs("DELETE FROM post_mentions WHERE instance_id = $1 AND account_id = $2");
  }

  // The lists of mentions that stand with posts and their versions hold addresses, not ids.
  Status erase_mentions() {
    std::set<std::string> names;
    LINNET_CHECK(store::for_each_row(
        connection_,
        "SELECT acct FROM post_mentions WHERE instance_id = $1 AND account_id = $2 UNION "
        "SELECT acct FROM platform_users WHERE instance_id = $1 AND id = $2",
        {instance_, std::string_view(account_)}, [&](const Statement& row) { names.emplace(row.text(0)); }));
    for (const auto& name : names) {
      LINNET_CHECK(erase_name("posts", "id", "version_seq", name));
      LINNET_CHECK(erase_name("post_past_versions", "post_id", "version_seq", name));
    }
    return {};
  }

  Status erase_name(std::string_view table, std::string_view id, std::string_view version,
                    const std::string& name) {
    struct Row {
      std::string id;
      std::int64_t version;
      std::vector<std::string> mentions;
    };
    std::vector<Row> rows;
    const auto pattern = fmt::format("%\"{}\"%", name);
    LINNET_CHECK(store::for_each_row(
        connection_,
        fmt::format("SELECT {}, {}, mentions FROM {} WHERE instance_id = $1 AND mentions LIKE $2", id,
                    version, table),
        {instance_, std::string_view(pattern)}, [&](const Statement& row) {
          rows.push_back({std::string(row.text(0)), row.integer(1), texts_of(row.text(2))});
        }));
    for (auto& row : rows) {
      std::erase(row.mentions, name);
      const auto left = json::serialize(json::value_from(row.mentions));
      LINNET_CHECK(
          store::run(connection_,
                     fmt::format("UPDATE {} SET mentions = $4 WHERE instance_id = $1 AND {} = $2 AND {} = $3",
                                 table, id, version),
                     {instance_, std::string_view(row.id), row.version,
                      row.mentions.empty() ? store::Value() : store::Value(std::string_view(left))}));
    }
    return {};
  }

  Status erase_taggings(std::vector<std::int64_t>& rows) {
    std::vector<TaggedPost> posts;
    LINNET_CHECK(store::for_each_row(
        connection_,
        "SELECT row_number, id, created_at, hashtags FROM posts WHERE instance_id = $1 AND account_id = $2",
        {instance_, std::string_view(account_)}, [&](const Statement& row) {
          rows.push_back(row.integer(0));
          if (!row.is_null(3))
            posts.push_back({std::string(row.text(1)), row.integer(2), texts_of(row.text(3))});
        }));
    for (const auto& post : posts) {
      for (const auto& name : post.tags) LINNET_CHECK(erase_tagging(post, name));
    }
    return {};
  }

  Status erase_tagging(const TaggedPost& post, const std::string& name) {
    LINNET_TRY(
        const auto tag,
        store::query_integer(connection_, "SELECT id FROM hashtags WHERE instance_id = $1 AND name = $2",
                             {instance_, std::string_view(name)}));
    if (!tag) return {};
    uses_.insert({*tag, to_micros(floor_hour(from_micros(post.created_at)))});
    return store::run(
        connection_,
        "DELETE FROM post_hashtags WHERE instance_id = $1 AND hashtag_id = $2 AND created_at = $3 AND "
        "post_id = $4",
        {instance_, *tag, post.created_at, std::string_view(post.id)});
  }

  // The figures of the hours that lost a post, made again from what is left.
  Status count_hours_again() {
    std::set<std::int64_t> tags;
    for (const auto& use : uses_) {
      tags.insert(use.tag);
      LINNET_CHECK(
          store::run(connection_,
                     "DELETE FROM hashtag_hourly_stats WHERE instance_id = $1 AND hashtag_id = $2 AND "
                     "hour_ts = $3",
                     {instance_, use.tag, use.hour}));
      LINNET_CHECK(
          store::run(connection_,
                     "INSERT INTO hashtag_hourly_stats (instance_id, hashtag_id, hour_ts, posts_using_tag, "
                     "unique_accounts_using_tag, total_engagement) SELECT $1, $2, $3, count(*), "
                     "count(DISTINCT p.account_id), "
                     "sum(p.engagement_score) FROM post_hashtags t JOIN posts p ON p.instance_id = "
                     "t.instance_id AND p.id = "
                     "t.post_id WHERE t.instance_id = $1 AND t.hashtag_id = $2 AND t.created_at >= $3 AND "
                     "t.created_at < $4 "
                     "HAVING count(*) > 0",
                     {instance_, use.tag, use.hour, use.hour + kHour}));
    }
    for (const auto tag : tags) LINNET_CHECK(find_ends_again(tag));
    return {};
  }

  Status find_ends_again(std::int64_t tag) {
    LINNET_CHECK(store::run(connection_,
                            "UPDATE hashtags SET first_seen_at = (SELECT min(created_at) FROM post_hashtags "
                            "WHERE instance_id = $1 AND "
                            "hashtag_id = $2), last_seen_at = (SELECT max(created_at) FROM post_hashtags "
                            "WHERE instance_id = $1 AND "
                            "hashtag_id = $2) WHERE id = $2",
                            {instance_, tag}));
    return store::run(connection_, "DELETE FROM hashtags WHERE id = $1 AND first_seen_at IS NULL", {tag});
  }

  store::Connection& connection_;
  std::int64_t instance_;
  std::string account_;
  std::set<TagUse> uses_;
};

}  // namespace

Status count_account(store::Connection& connection, const PersonAccount& account, ObservedErasure& found) {
  const auto count = [&](std::string_view sql, std::int64_t& into) -> Status {
    LINNET_TRY(
        const auto number,
        store::query_integer(connection, sql, {account.instance.value(), std::string_view(account.id)}));
    into += number.value_or(0);
    return {};
  };
  LINNET_CHECK(count("SELECT count(*) FROM posts WHERE instance_id = $1 AND account_id = $2", found.posts));
  LINNET_CHECK(
      count(fmt::format("SELECT count(*) FROM post_past_versions WHERE instance_id = $1 AND post_id IN {}",
                        kTheirs),
            found.versions));
  LINNET_CHECK(count(fmt::format("SELECT count(*) FROM posts WHERE instance_id = $1 AND account_id <> $2 AND "
                                 "reblog_of_id IN {}",
                                 kTheirs),
                     found.boosts));
  LINNET_CHECK(
      count("SELECT count(*) FROM posts WHERE instance_id = $1 AND account_id <> $2 AND "
            "in_reply_to_account_id = $2",
            found.replies));
  LINNET_CHECK(
      count("SELECT count(*) FROM post_mentions m JOIN posts p ON p.instance_id = m.instance_id AND p.id = "
            "m.post_id "
            "WHERE m.instance_id = $1 AND m.account_id = $2 AND p.account_id <> $2",
            found.mentions));
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT DISTINCT created_at - ((created_at % 3600000000) + 3600000000) % 3600000000 FROM posts WHERE "
      "instance_id = $1 AND account_id = $2 ORDER BY 1",
      {account.instance.value(), std::string_view(account.id)},
      [&](const Statement& row) { found.hours.push_back(row.instant(0)); }));
  std::sort(found.hours.begin(), found.hours.end());
  found.hours.erase(std::unique(found.hours.begin(), found.hours.end()), found.hours.end());
  return {};
}

Status erase_account(store::Connection& connection, const PersonAccount& account,
                     std::vector<std::int64_t>& rows) {
  return AccountEraser(connection, account).erase(rows);
}

}  // namespace linnet::observe
