#include "act/person_record.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "act/json_rows.hpp"
#include "act/messages.hpp"
#include "act/person_dealings.hpp"
#include "govern/audit.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using observe::PersonAccount;
using store::Statement;

class Record {
 public:
  Record(store::Connection& connection, const SecretBox& box) : connection_(connection), box_(box) {}

  Status add(const PersonAccount& account) {
    const auto instance = account.instance.value();
    const std::string_view id = account.id;
    LINNET_CHECK(list_rows(
        connection_,
        "SELECT i.base_url, i.platform, u.id, u.acct, u.display_name, u.profile_url, u.avatar_url, u.bio, "
        "u.follower_count, u.following_count, u.post_count, u.is_bot, u.created_at, u.discovered_at, "
        "u.last_seen_at "
        "FROM platform_users u JOIN instances i ON i.id = u.instance_id WHERE u.instance_id = $1 AND u.id = "
        "$2",
        {instance, id},
        {{"instance", As::text},
         {"platform", As::text},
         {"id", As::text},
         {"acct", As::text},
         {"display_name", As::text},
         {"profile_url", As::text},
         {"avatar_url", As::text},
         {"bio", As::text},
         {"follower_count", As::number},
         {"following_count", As::number},
         {"post_count", As::number},
         {"is_bot", As::truth},
         {"created_at", As::time},
         {"discovered_at", As::time},
         {"last_seen_at", As::time}},
        accounts));
    LINNET_CHECK(add_posts(instance, id));
    LINNET_CHECK(list_rows(
        connection_,
        "SELECT i.base_url, m.post_id, m.acct, p.created_at FROM post_mentions m JOIN instances i ON i.id = "
        "m.instance_id JOIN posts p ON p.instance_id = m.instance_id AND p.id = m.post_id WHERE "
        "m.instance_id = $1 "
        "AND m.account_id = $2 ORDER BY p.created_at, m.post_id",
        {instance, id},
        {{"instance", As::text}, {"post_id", As::text}, {"as", As::text}, {"created_at", As::time}},
        mentioned_in));
    LINNET_CHECK(add_messages(instance, account.id));
    LINNET_CHECK(add_follows(instance, id));
    return add_own(instance, id);
  }

  json::array accounts, own_accounts, posts, mentioned_in, follows, messages;

 private:
  Status add_follows(std::int64_t instance, std::string_view id) {
    return list_rows(
        connection_,
        "SELECT i.base_url, f.follower_account_id, f.followee_account_id, f.followed_at, f.seen_at FROM "
        "account_follows f JOIN instances i ON i.id = f.instance_id WHERE f.instance_id = $1 AND "
        "(f.follower_account_id = $2 OR f.followee_account_id = $2) ORDER BY f.seen_at, "
        "f.follower_account_id, "
        "f.followee_account_id",
        {instance, id},
        {{"instance", As::text},
         {"follower_id", As::text},
         {"followed_id", As::text},
         {"followed_at", As::time},
         {"seen_at", As::time}},
        follows);
  }

  // An account that Linnet acts for; what signs it in is not handed out.
  Status add_own(std::int64_t instance, std::string_view id) {
    return list_rows(connection_,
                     "SELECT id, platform, platform_user_id, username, display_name, settings, created_at, "
                     "last_used_at FROM accounts WHERE instance_id = $1 AND platform_user_id = $2",
                     {instance, id},
                     {{"id", As::text},
                      {"platform", As::text},
                      {"platform_user_id", As::text},
                      {"username", As::text},
                      {"display_name", As::text},
                      {"settings", As::json},
                      {"created_at", As::time},
                      {"last_used_at", As::time}},
                     own_accounts);
  }

  Status add_posts(std::int64_t instance, std::string_view id) {
    json::array own;
    LINNET_CHECK(
        list_rows(connection_,
                  "SELECT i.base_url, p.id, p.url, p.created_at, p.edited_at, p.deleted_at, p.discovered_at, "
                  "p.language, "
                  "p.visibility, p.spoiler_text, p.content_html, p.content_text, p.hashtags, p.mentions, "
                  "p.in_reply_to_id, "
                  "p.reblog_of_id, p.replies_count, p.reblogs_count, p.favourites_count FROM posts p JOIN "
                  "instances i ON i.id = "
                  "p.instance_id WHERE p.instance_id = $1 AND p.account_id = $2 ORDER BY p.created_at, p.id",
                  {instance, id},
                  {{"instance", As::text},
                   {"id", As::text},
                   {"url", As::text},
                   {"created_at", As::time},
                   {"edited_at", As::time},
                   {"deleted_at", As::time},
                   {"discovered_at", As::time},
                   {"language", As::text},
                   {"visibility", As::text},
                   {"spoiler_text", As::text},
                   {"content_html", As::text},
                   {"content_text", As::text},
                   {"hashtags", As::json},
                   {"mentions", As::json},
                   {"in_reply_to_id", As::text},
                   {"reblog_of_id", As::text},
                   {"replies_count", As::number},
                   {"reblogs_count", As::number},
                   {"favourites_count", As::number}},
                  own));
    for (auto& post : own) {
      auto& object = post.as_object();
      LINNET_CHECK(add_parts(instance, object));
      posts.push_back(std::move(post));
    }
    return {};
  }

  Status add_parts(std::int64_t instance, json::object& post) {
    const std::string id(post.at("id").as_string());
    json::array versions;
    LINNET_CHECK(
        list_rows(connection_,
                  "SELECT version_seq, valid_from, valid_to, spoiler_text, content_html, content_text FROM "
                  "post_past_versions WHERE instance_id = $1 AND post_id = $2 ORDER BY version_seq",
                  {instance, std::string_view(id)},
                  {{"version", As::number},
                   {"valid_from", As::time},
                   {"valid_to", As::time},
                   {"spoiler_text", As::text},
                   {"content_html", As::text},
                   {"content_text", As::text}},
                  versions));
    json::array media;
    LINNET_CHECK(list_rows(
        connection_,
        "SELECT type, url, description FROM media_attachments WHERE instance_id = $1 AND post_id = $2 "
        "ORDER BY position",
        {instance, std::string_view(id)}, {{"type", As::text}, {"url", As::text}, {"description", As::text}},
        media));
    json::array counts;
    LINNET_CHECK(list_rows(
        connection_,
        "SELECT captured_at, replies_count, reblogs_count, favourites_count FROM post_metric_snapshots "
        "WHERE instance_id = $1 AND post_id = $2 ORDER BY captured_at",
        {instance, std::string_view(id)},
        {{"captured_at", As::time},
         {"replies_count", As::number},
         {"reblogs_count", As::number},
         {"favourites_count", As::number}},
        counts));
    json::array sentiments;
    LINNET_CHECK(list_rows(
        connection_,
        "SELECT status_version_seq, model, score, sentiment_label, analyzed_at FROM post_sentiments WHERE "
        "instance_id = $1 AND post_id = $2 ORDER BY status_version_seq, analyzed_at, model",
        {instance, std::string_view(id)},
        {{"version", As::number},
         {"model", As::text},
         {"score", As::real},
         {"label", As::text},
         {"analyzed_at", As::time}},
        sentiments));
    post["sentiments"] = std::move(sentiments);
    post["past_versions"] = std::move(versions);
    post["media"] = std::move(media);
    post["counts"] = std::move(counts);
    return {};
  }

  // What they wrote, and what we wrote in conversations with them: words of others in a group are not theirs.
  Status add_messages(std::int64_t instance, const std::string& id) {
    std::vector<std::pair<std::string, bool>> threads;
    LINNET_CHECK(store::for_each_row(
        connection_,
        "SELECT t.id, CASE WHEN t.participant_id = $2 THEN 1 ELSE 0 END FROM dm_threads t WHERE t.account_id "
        "IN (SELECT id FROM accounts WHERE instance_id = $1) AND (t.participant_id = $2 OR t.id IN (SELECT "
        "thread_id FROM dm_messages WHERE sender_id = $2)) ORDER BY t.id",
        {instance, std::string_view(id)},
        [&](const Statement& row) { threads.emplace_back(row.text(0), row.integer(1) != 0); }));
    for (const auto& [thread, is_with_them] : threads) {
      LINNET_TRY(const auto read, list_messages(connection_, box_, thread));
      for (const auto& message : read) {
        if (message.sender_id != id && !(message.is_from_us && is_with_them)) continue;
        const bool is_unreadable = !message.text_error.empty();
        messages.push_back(json::object{
            {"thread_id", thread},
            {"is_from_us", message.is_from_us},
            {"sent_at", message.sent_at ? json::value(to_iso8601(*message.sent_at)) : json::value()},
            {"text", message.is_redacted || is_unreadable ? json::value() : json::value(message.text)}});
        if (is_unreadable) messages.back().as_object()["text_error"] = message.text_error;
      }
    }
    return {};
  }

  store::Connection& connection_;
  const SecretBox& box_;
};

}  // namespace

Result<json::object> person_record(store::Connection& connection, const SecretBox& box,
                                   const observe::Person& person, Instant now) {
  Record record(connection, box);
  Dealings dealings(connection, box);
  for (const auto& account : person.accounts) {
    LINNET_CHECK(record.add(account));
    LINNET_CHECK(dealings.add(account));
  }
  return json::object{{"address", person.address},
                      {"exported_at", to_iso8601(now)},
                      {"accounts", std::move(record.accounts)},
                      {"own_accounts", std::move(record.own_accounts)},
                      {"posts", std::move(record.posts)},
                      {"mentioned_in", std::move(record.mentioned_in)},
                      {"follows", std::move(record.follows)},
                      {"messages", std::move(record.messages)},
                      {"actions", std::move(dealings.actions)},
                      {"consents", std::move(dealings.consents)},
                      {"blocklist", std::move(dealings.blocklist)},
                      {"audit", std::move(dealings.audit)}};
}

Status audit_export(store::Connection& connection, const observe::Person& person, const std::string& actor,
                    Instant now) {
  govern::AuditEntry entry;
  LINNET_TRY(entry.run_id, govern::make_run_id(now));
  entry.step_id = govern::step_id(entry.run_id, 1);
  entry.event = govern::AuditEvent::extract;
  entry.actor = actor;
  entry.outcome = govern::AuditOutcome::success;
  entry.details = {{"what", "person_exported"}, {"accounts", person.accounts.size()}};
  return govern::append_audit(connection, std::move(entry), now);
}

}  // namespace linnet::act
