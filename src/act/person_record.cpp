#include "act/person_record.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "act/messages.hpp"
#include "govern/audit.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/person_key.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using observe::PersonAccount;
using store::Statement;

// How a column is written: text, number, time, yes or no, JSON.
enum class As { text, number, time, truth, json };
struct Field {
  std::string_view name;
  As as;
};

json::value value_of(const Statement& row, int column, As as) {
  if (row.is_null(column)) return nullptr;
  switch (as) {
    case As::text:
      return json::value(row.text(column));
    case As::number:
      return json::value(row.integer(column));
    case As::time:
      return json::value(to_iso8601(row.instant(column)));
    case As::truth:
      return json::value(row.integer(column) != 0);
    case As::json:
      break;
  }
  boost::system::error_code error;
  auto value = json::parse(row.text(column), error);
  return error ? json::value(row.text(column)) : value;
}

// Rows of a query as objects, column by column as the fields say.
Status list(store::Connection& connection, std::string_view sql, std::initializer_list<store::Value> values,
            std::initializer_list<Field> fields, json::array& into) {
  return store::for_each_row(connection, sql, values, [&](const Statement& row) {
    json::object item;
    int column = 0;
    for (const auto& field : fields) {
      item[field.name] = value_of(row, column, field.as);
      ++column;
    }
    into.push_back(std::move(item));
  });
}

class Record {
 public:
  Record(store::Connection& connection, const SecretBox& box) : connection_(connection), box_(box) {}

  Status add(const PersonAccount& account) {
    const auto instance = account.instance.value();
    const std::string_view id = account.id;
    LINNET_CHECK(list(
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
    LINNET_CHECK(list(
        connection_,
        "SELECT i.base_url, m.post_id, m.acct, p.created_at FROM post_mentions m JOIN instances i ON i.id = "
        "m.instance_id JOIN posts p ON p.instance_id = m.instance_id AND p.id = m.post_id WHERE "
        "m.instance_id = $1 "
        "AND m.account_id = $2 ORDER BY p.created_at, m.post_id",
        {instance, id},
        {{"instance", As::text}, {"post_id", As::text}, {"as", As::text}, {"created_at", As::time}},
        mentioned_in));
    LINNET_CHECK(add_messages(instance, account.id));
    return add_dealings(account);
  }

  json::array accounts, posts, mentioned_in, messages, actions, consents, blocklist, audit;

 private:
  Status add_posts(std::int64_t instance, std::string_view id) {
    json::array own;
    LINNET_CHECK(
        list(connection_,
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
        list(connection_,
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
    LINNET_CHECK(
        list(connection_,
             "SELECT type, url, description FROM media_attachments WHERE instance_id = $1 AND post_id = $2 "
             "ORDER BY position",
             {instance, std::string_view(id)},
             {{"type", As::text}, {"url", As::text}, {"description", As::text}}, media));
    json::array counts;
    LINNET_CHECK(
        list(connection_,
             "SELECT captured_at, replies_count, reblogs_count, favourites_count FROM post_metric_snapshots "
             "WHERE instance_id = $1 AND post_id = $2 ORDER BY captured_at",
             {instance, std::string_view(id)},
             {{"captured_at", As::time},
              {"replies_count", As::number},
              {"reblogs_count", As::number},
              {"favourites_count", As::number}},
             counts));
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

  // What was done to them, what they agreed to, what is on record.
  Status add_dealings(const PersonAccount& account) {
    const auto instance = account.instance.value();
    const std::string_view id = account.id;
    const std::string_view name = account.acct;
    LINNET_TRY(const auto server, govern::host_of_instance(connection_, account.instance));
    const auto key = govern::person_key(account.platform, server, account.id, account.acct);
    const auto of_server = fmt::format("%\"server\":\"{}\"%", key.server);
    const auto id_form = govern::user_key(id);
    const auto name_form = govern::user_key(name);
    LINNET_CHECK(list(
        connection_,
        "SELECT id, platform, action_type, target_type, target_id, status, planned_at, completed_at FROM "
        "action_attempts WHERE account_id IN (SELECT id FROM accounts WHERE instance_id = $1) AND "
        "(target_user_id = "
        "$2 OR (target_type = 'user' AND target_id = $2) OR lower(target_name) = lower($3)) ORDER BY "
        "planned_at, id",
        {instance, id, name},
        {{"id", As::text},
         {"platform", As::text},
         {"action_type", As::text},
         {"target_type", As::text},
         {"target_id", As::text},
         {"status", As::text},
         {"planned_at", As::time},
         {"completed_at", As::time}},
        actions));
    LINNET_CHECK(list(
        connection_,
        "SELECT id, consent_type, granted_at, revoked_at, server_id, evidence FROM consents WHERE "
        "platform = $2 AND ((user_id = $1 AND server_id = $3) OR ($4 <> '' AND address = $4)) ORDER BY "
        "granted_at, id",
        {id, std::string_view(account.platform), std::string_view(key.server), std::string_view(key.address)},
        {{"id", As::text},
         {"consent_type", As::text},
         {"granted_at", As::time},
         {"revoked_at", As::time},
         {"server_id", As::text},
         {"evidence", As::text}},
        consents));
    LINNET_CHECK(list(connection_,
                      "SELECT entry_type, match_type, value, reason, added_by, created_at, expires_at FROM "
                      "blocklist_entries WHERE entry_type = 'user' AND match_type = 'exact' AND "
                      "COALESCE(platform, $3) = $3 AND (((lower(value) IN (lower($1), lower($2)) OR value IN "
                      "($6, $7)) AND server IN ('', $4)) OR "
                      "($5 <> '' AND (value = $5 OR address = $5))) ORDER BY created_at, id",
                      {id, name, std::string_view(account.platform), std::string_view(key.server),
                       std::string_view(key.address), std::string_view(id_form), std::string_view(name_form)},
                      {{"entry_type", As::text},
                       {"match_type", As::text},
                       {"value", As::text},
                       {"reason", As::text},
                       {"added_by", As::text},
                       {"created_at", As::time},
                       {"expires_at", As::time}},
                      blocklist));
    return list(
        connection_,
        "SELECT number, event_type, outcome, timestamp, details FROM audit_entries WHERE target_type "
        "= 'user' "
        "AND target_id = $1 AND COALESCE(platform, $2) = $2 AND (account_id IN (SELECT id FROM "
        "accounts WHERE instance_id = $3) OR (account_id IS NULL AND details LIKE $4)) ORDER BY number",
        {id, std::string_view(account.platform), instance, std::string_view(of_server)},
        {{"number", As::number},
         {"event_type", As::text},
         {"outcome", As::text},
         {"timestamp", As::time},
         {"details", As::json}},
        audit);
  }

  store::Connection& connection_;
  const SecretBox& box_;
};

}  // namespace

Result<json::object> person_record(store::Connection& connection, const SecretBox& box,
                                   const observe::Person& person, Instant now) {
  Record record(connection, box);
  for (const auto& account : person.accounts) LINNET_CHECK(record.add(account));
  return json::object{{"address", person.address},
                      {"exported_at", to_iso8601(now)},
                      {"accounts", std::move(record.accounts)},
                      {"posts", std::move(record.posts)},
                      {"mentioned_in", std::move(record.mentioned_in)},
                      {"messages", std::move(record.messages)},
                      {"actions", std::move(record.actions)},
                      {"consents", std::move(record.consents)},
                      {"blocklist", std::move(record.blocklist)},
                      {"audit", std::move(record.audit)}};
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
