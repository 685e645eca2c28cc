#include "observe/erase_account.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/json_names.hpp"
#include "connect/person_eraser.hpp"
#include "observe/post_removal.hpp"

namespace linnet::observe {
namespace {

namespace json = boost::json;
using store::Statement;

constexpr std::string_view kTheirs = "(SELECT id FROM posts WHERE instance_id = $1 AND account_id = $2)";

class AccountEraser {
 public:
  AccountEraser(store::Connection& connection, const PersonAccount& account, std::int64_t most)
      : connection_(connection),
        instance_(account.instance.value()),
        account_(account.id),
        acct_(account.acct),
        most_(most) {}

  Result<std::int64_t> erase_boosts() {
    return on_next(fmt::format(
        "UPDATE posts SET reblog_of_id = '{}', uri = NULL, url = NULL, language = NULL, sensitive = 0 WHERE "
        "instance_id = $1 AND id IN (SELECT id FROM posts WHERE instance_id = $1 AND account_id <> $2 AND "
        "reblog_of_id IN {} LIMIT $3)",
        connect::kErasedPost, kTheirs));
  }

  Result<std::int64_t> erase_replies() {
    return on_next(fmt::format(
        "UPDATE posts SET in_reply_to_id = '{}', in_reply_to_account_id = NULL WHERE instance_id = $1 AND id "
        "IN (SELECT id FROM posts WHERE instance_id = $1 AND in_reply_to_account_id = $2 LIMIT $3)",
        connect::kErasedPost));
  }

  // The lists of mentions that stand with posts and their versions hold addresses, not ids.
  Result<std::int64_t> erase_mentions() {
    std::set<std::string> names;
    std::set<std::string> posts;
    LINNET_CHECK(store::for_each_row(
        connection_,
        "SELECT acct, post_id FROM post_mentions WHERE instance_id = $1 AND account_id = $2 ORDER BY post_id "
        "LIMIT $3",
        {instance_, std::string_view(account_), most_}, [&](const Statement& row) {
          names.emplace(row.text(0));
          posts.emplace(row.text(1));
        }));
    for (const auto& post : posts) {
      for (const auto& name : names) {
        LINNET_CHECK(erase_name("posts", "id", post, name));
        LINNET_CHECK(erase_name("post_past_versions", "post_id", post, name));
      }
      LINNET_CHECK(
          store::run(connection_,
                     "DELETE FROM post_mentions WHERE instance_id = $1 AND account_id = $2 AND post_id = $3",
                     {instance_, std::string_view(account_), std::string_view(post)}));
    }
    return static_cast<std::int64_t>(posts.size());
  }

  // Earlier versions may name them where the newest does not. All at once: each look reads every version.
  Result<std::int64_t> erase_from_versions() {
    std::set<std::string> names{acct_};
    LINNET_CHECK(store::for_each_row(
        connection_, "SELECT acct FROM platform_users WHERE instance_id = $1 AND id = $2",
        {instance_, std::string_view(account_)}, [&](const Statement& row) { names.emplace(row.text(0)); }));
    std::int64_t changed = 0;
    for (const auto& name : names) {
      const auto pattern = fmt::format("%\"{}\"%", name);
      std::set<std::string> posts;
      LINNET_CHECK(store::for_each_row(
          connection_, "SELECT post_id FROM post_past_versions WHERE instance_id = $1 AND mentions LIKE $2",
          {instance_, std::string_view(pattern)}, [&](const Statement& row) { posts.emplace(row.text(0)); }));
      for (const auto& post : posts) {
        LINNET_TRY(const bool is_there, erase_name("post_past_versions", "post_id", post, name));
        changed += is_there ? 1 : 0;
      }
    }
    return changed;
  }

 private:
  Result<std::int64_t> on_next(std::string_view sql) {
    LINNET_CHECK(store::run(connection_, sql, {instance_, std::string_view(account_), most_}));
    return connection_.changes();
  }

  // Whether it stood there.
  Result<bool> erase_name(std::string_view table, std::string_view id, const std::string& post,
                          const std::string& name) {
    std::vector<std::pair<std::int64_t, std::vector<std::string>>> versions;
    LINNET_CHECK(store::for_each_row(
        connection_,
        fmt::format("SELECT version_seq, mentions FROM {} WHERE instance_id = $1 AND {} = $2 AND mentions IS "
                    "NOT NULL",
                    table, id),
        {instance_, std::string_view(post)},
        [&](const Statement& row) { versions.emplace_back(row.integer(0), json_names(row.text(1))); }));
    bool is_there = false;
    for (auto& [version, mentions] : versions) {
      if (std::erase(mentions, name) == 0) continue;
      is_there = true;
      const auto left = json::serialize(json::value_from(mentions));
      LINNET_CHECK(store::run(
          connection_,
          fmt::format("UPDATE {} SET mentions = $4 WHERE instance_id = $1 AND {} = $2 AND version_seq = $3",
                      table, id),
          {instance_, std::string_view(post), version,
           mentions.empty() ? store::Value() : store::Value(std::string_view(left))}));
    }
    return is_there;
  }

  store::Connection& connection_;
  std::int64_t instance_;
  std::string account_;
  std::string acct_;
  std::int64_t most_;
};

Result<std::int64_t> erase_boosts(store::Connection& connection, const PersonAccount& account,
                                  std::int64_t most, ErasedPosts& /*gone*/) {
  return AccountEraser(connection, account, most).erase_boosts();
}
Result<std::int64_t> erase_replies(store::Connection& connection, const PersonAccount& account,
                                   std::int64_t most, ErasedPosts& /*gone*/) {
  return AccountEraser(connection, account, most).erase_replies();
}
Result<std::int64_t> erase_mentions(store::Connection& connection, const PersonAccount& account,
                                    std::int64_t most, ErasedPosts& /*gone*/) {
  return AccountEraser(connection, account, most).erase_mentions();
}
Result<std::int64_t> erase_from_versions(store::Connection& connection, const PersonAccount& account,
                                         std::int64_t most, ErasedPosts& /*gone*/) {
  return AccountEraser(connection, account, most).erase_from_versions();
}
Result<std::int64_t> erase_posts(store::Connection& connection, const PersonAccount& account,
                                 std::int64_t most, ErasedPosts& gone) {
  LINNET_TRY(const auto posts,
             find_posts(connection, "instance_id = $1 AND account_id = $2 ORDER BY created_at, id LIMIT $3",
                        {account.instance.value(), std::string_view(account.id), most}));
  LINNET_CHECK(remove_posts(connection, posts, gone));
  return static_cast<std::int64_t>(posts.size());
}

constexpr ForgetSome kForgetSteps[] = {erase_boosts, erase_replies, erase_mentions, erase_from_versions,
                                       erase_posts};

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

std::span<const ForgetSome> forget_steps_of_posts() {
  return kForgetSteps;
}

Status forget_account(store::Connection& connection, const PersonAccount& account) {
  for (const auto* const sql :
       {"DELETE FROM account_follows WHERE instance_id = $1 AND (follower_account_id = $2 OR "
        "followee_account_id = $2)",
        "DELETE FROM platform_users WHERE instance_id = $1 AND id = $2"})
    LINNET_CHECK(store::run(connection, sql, {account.instance.value(), std::string_view(account.id)}));
  return {};
}

}  // namespace linnet::observe
