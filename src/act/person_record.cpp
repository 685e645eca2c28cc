#include "act/person_record.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "act/messages.hpp"
#include "act/person_dealings.hpp"
#include "govern/audit.hpp"
#include "govern/person_key.hpp"
#include "observe/salience/erase_topics.hpp"
#include "observe/salience/topic_list.hpp"
#include "reflect/person_insights.hpp"
#include "store/record/json.hpp"
#include "store/record/sql.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using observe::PersonAccount;
using record::column;
using record::Json;
using record::Number;
using record::Real;
using record::Text;
using record::Time;
using record::Truth;
using store::Statement;

constexpr std::int64_t kMostEntries = 1'000'000;

class Record {
 public:
  Record(store::Connection& connection, const SecretBox& box) : connection_(connection), box_(box) {}

  Status add(const PersonAccount& account) {
    const auto instance = account.instance.value();
    const std::string_view id = account.id;
    LINNET_CHECK(record::list_json(
        connection_,
        {.table = "platform_users u JOIN instances i ON i.id = u.instance_id",
         .fields = {column<Text>("instance", "i.base_url"), column<Text>("platform", "i.platform"),
                    column<Text>("id", "u.id"), column<Text>("acct", "u.acct"),
                    column<Text>("display_name", "u.display_name"),
                    column<Text>("profile_url", "u.profile_url"), column<Text>("avatar_url", "u.avatar_url"),
                    column<Text>("bio", "u.bio"), column<Number>("follower_count", "u.follower_count"),
                    column<Number>("following_count", "u.following_count"),
                    column<Number>("post_count", "u.post_count"), column<Truth>("is_bot", "u.is_bot"),
                    column<Time>("created_at", "u.created_at"),
                    column<Time>("discovered_at", "u.discovered_at"),
                    column<Time>("last_seen_at", "u.last_seen_at")}},
        "u.instance_id = $1 AND u.id = $2", {instance, id}, accounts));
    LINNET_CHECK(add_posts(instance, id));
    LINNET_CHECK(record::list_json(
        connection_,
        {.table =
             R"(post_mentions m
                JOIN instances i ON i.id = m.instance_id
                JOIN posts p ON p.instance_id = m.instance_id AND p.id = m.post_id)",
         .fields = {column<Text>("instance", "i.base_url"), column<Text>("post_id", "m.post_id"),
                    column<Text>("as", "m.acct"), column<Time>("created_at", "p.created_at")}},
        "m.instance_id = $1 AND m.account_id = $2 ORDER BY p.created_at, m.post_id", {instance, id},
        mentioned_in));
    LINNET_CHECK(add_messages(instance, account.id));
    LINNET_CHECK(add_follows(instance, id));
    LINNET_CHECK(add_chat_messages(instance, id));
    LINNET_CHECK(add_reactions(instance, id));
    LINNET_CHECK(add_topics(account));
    LINNET_CHECK(add_insights(account));
    return add_own(instance, id);
  }

  json::array accounts, own_accounts, posts, mentioned_in, follows, messages, chat_messages, reactions,
      topics, insights;

 private:
  Status add_chat_messages(std::int64_t instance, std::string_view id) {
    json::array own;
    LINNET_CHECK(record::list_json(
        connection_,
        {.table = "messages m JOIN instances i ON i.id = m.instance_id",
         .fields = {column<Text>("instance", "i.base_url"), column<Text>("id", "m.id"),
                    column<Text>("server_id", "m.server_id"), column<Text>("channel_id", "m.channel_id"),
                    column<Time>("created_at", "m.created_at"), column<Time>("edited_at", "m.edited_at"),
                    column<Time>("deleted_at", "m.deleted_at"), column<Text>("content", "m.content"),
                    column<Json>("media", "m.media"), column<Json>("mentions", "m.mentions"),
                    column<Text>("reply_to_id", "m.reply_to_id"), column<Json>("reactions", "m.reactions")}},
        "m.author_id = $2 AND m.instance_id = $1 ORDER BY m.created_at, m.id", {instance, id}, own));
    for (auto& message : own) {
      const std::string message_id(message.at("id").as_string());
      json::array versions;
      LINNET_CHECK(
          record::list_json(connection_,
                            {.table = "message_past_versions",
                             .fields = {column<Number>("version", "version_seq"), column<Time>("valid_from"),
                                        column<Time>("valid_to"), column<Text>("content")}},
                            "instance_id = $1 AND message_id = $2 ORDER BY version_seq",
                            {instance, std::string_view(message_id)}, versions));
      message.as_object()["past_versions"] = std::move(versions);
      chat_messages.push_back(std::move(message));
    }
    return {};
  }

  Status add_reactions(std::int64_t instance, std::string_view id) {
    return record::list_json(
        connection_,
        {.table = "message_reactions r JOIN instances i ON i.id = r.instance_id",
         .fields = {column<Text>("instance", "i.base_url"), column<Text>("message_id", "r.message_id"),
                    column<Text>("emoji", "r.shown"), column<Time>("added_at", "r.added_at"),
                    column<Time>("removed_at", "r.removed_at")}},
        "r.instance_id = $1 AND r.user_id = $2 ORDER BY r.added_at, r.message_id, r.emoji", {instance, id},
        reactions);
  }

  // What deserves attention about them, and how it came to that.
  Status add_topics(const PersonAccount& account) {
    LINNET_TRY(const auto person, observe::topics_of_person(connection_, account));
    LINNET_TRY(const auto found, observe::find_topics_of(connection_, person));
    for (const auto number : found) {
      LINNET_TRY(const auto key,
                 store::query_text(connection_, "SELECT key FROM topics WHERE id = $1", {number}));
      if (!key) continue;
      LINNET_TRY(const auto detail, salience::find_topic(connection_, *key));
      LINNET_TRY(const auto entries, salience::ledger_of(connection_, *key, kMostEntries));
      topics.push_back(json::object{{"key", *key},
                                    {"balance", detail.topic.balance},
                                    {"created_at", to_iso8601(detail.created_at)},
                                    {"ledger", record::to_json(entries)}});
    }
    return {};
  }

  Status add_insights(const PersonAccount& account) {
    LINNET_TRY(auto host, govern::host_of_instance(connection_, account.instance));
    return reflect::list_insights_of(
        connection_, {account.instance, account.platform, std::move(host), account.id}, insights);
  }

  Status add_follows(std::int64_t instance, std::string_view id) {
    return record::list_json(
        connection_,
        {.table = "account_follows f JOIN instances i ON i.id = f.instance_id",
         .fields = {column<Text>("instance", "i.base_url"),
                    column<Text>("follower_id", "f.follower_account_id"),
                    column<Text>("followed_id", "f.followee_account_id"),
                    column<Time>("followed_at", "f.followed_at"), column<Time>("seen_at", "f.seen_at")}},
        R"(f.instance_id = $1 AND (f.follower_account_id = $2 OR f.followee_account_id = $2)
           ORDER BY f.seen_at, f.follower_account_id, f.followee_account_id)",
        {instance, id}, follows);
  }

  // An account that Linnet acts for; what signs it in is not handed out.
  Status add_own(std::int64_t instance, std::string_view id) {
    return record::list_json(
        connection_,
        {.table = "accounts",
         .fields = {column<Text>("id"), column<Text>("platform"), column<Text>("platform_user_id"),
                    column<Text>("username"), column<Text>("display_name"), column<Json>("settings"),
                    column<Time>("created_at"), column<Time>("last_used_at")}},
        "instance_id = $1 AND platform_user_id = $2", {instance, id}, own_accounts);
  }

  Status add_posts(std::int64_t instance, std::string_view id) {
    json::array own;
    LINNET_CHECK(record::list_json(
        connection_,
        {.table = "posts p JOIN instances i ON i.id = p.instance_id",
         .fields = {column<Text>("instance", "i.base_url"), column<Text>("id", "p.id"),
                    column<Text>("url", "p.url"), column<Time>("created_at", "p.created_at"),
                    column<Time>("edited_at", "p.edited_at"), column<Time>("deleted_at", "p.deleted_at"),
                    column<Time>("discovered_at", "p.discovered_at"), column<Text>("language", "p.language"),
                    column<Text>("visibility", "p.visibility"),
                    column<Text>("spoiler_text", "p.spoiler_text"),
                    column<Text>("content_html", "p.content_html"),
                    column<Text>("content_text", "p.content_text"), column<Json>("hashtags", "p.hashtags"),
                    column<Json>("mentions", "p.mentions"),
                    column<Text>("in_reply_to_id", "p.in_reply_to_id"),
                    column<Text>("reblog_of_id", "p.reblog_of_id"),
                    column<Number>("replies_count", "p.replies_count"),
                    column<Number>("reblogs_count", "p.reblogs_count"),
                    column<Number>("favourites_count", "p.favourites_count")}},
        "p.instance_id = $1 AND p.account_id = $2 ORDER BY p.created_at, p.id", {instance, id}, own));
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
        record::list_json(connection_,
                          {.table = "post_past_versions",
                           .fields = {column<Number>("version", "version_seq"), column<Time>("valid_from"),
                                      column<Time>("valid_to"), column<Text>("spoiler_text"),
                                      column<Text>("content_html"), column<Text>("content_text")}},
                          "instance_id = $1 AND post_id = $2 ORDER BY version_seq",
                          {instance, std::string_view(id)}, versions));
    json::array media;
    LINNET_CHECK(record::list_json(
        connection_,
        {.table = "media_attachments",
         .fields = {column<Text>("type"), column<Text>("url"), column<Text>("description")}},
        "instance_id = $1 AND post_id = $2 ORDER BY position", {instance, std::string_view(id)}, media));
    json::array counts;
    LINNET_CHECK(record::list_json(
        connection_,
        {.table = "post_metric_snapshots",
         .fields = {column<Time>("captured_at"), column<Number>("replies_count"),
                    column<Number>("reblogs_count"), column<Number>("favourites_count")}},
        "instance_id = $1 AND post_id = $2 ORDER BY captured_at", {instance, std::string_view(id)}, counts));
    json::array sentiments;
    LINNET_CHECK(
        record::list_json(connection_,
                          {.table = "post_sentiments",
                           .fields = {column<Number>("version", "status_version_seq"), column<Text>("model"),
                                      column<Real>("score"), column<Text>("label", "sentiment_label"),
                                      column<Time>("analyzed_at")}},
                          "instance_id = $1 AND post_id = $2 ORDER BY status_version_seq, analyzed_at, model",
                          {instance, std::string_view(id)}, sentiments));
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
        R"(SELECT t.id, CASE WHEN t.participant_id = $2 THEN 1 ELSE 0 END FROM dm_threads t
           WHERE t.account_id IN (SELECT id FROM accounts WHERE instance_id = $1)
             AND (t.participant_id = $2 OR t.id IN (SELECT thread_id FROM dm_messages WHERE sender_id = $2))
           ORDER BY t.id)",
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
            {"text", message.is_redacted || is_unreadable ? json::value() : json::value(*message.text)}});
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
                      {"chat_messages", std::move(record.chat_messages)},
                      {"reactions", std::move(record.reactions)},
                      {"topics", std::move(record.topics)},
                      {"insights", std::move(record.insights)},
                      {"actions", std::move(dealings.actions)},
                      {"consents", std::move(dealings.consents)},
                      {"blocklist", std::move(dealings.blocklist)},
                      {"language_models", std::move(dealings.language_models)},
                      {"audit", std::move(dealings.audit)}};
}

Status audit_export(store::Connection& connection, const observe::Person& person, const std::string& actor,
                    Instant now) {
  govern::AuditEntry entry;
  entry.event = govern::AuditEvent::extract;
  entry.actor = actor;
  entry.outcome = govern::AuditOutcome::success;
  entry.details = {{"what", "person_exported"}, {"accounts", person.accounts.size()}};
  return govern::append_audit(connection, std::move(entry), now);
}

}  // namespace linnet::act
