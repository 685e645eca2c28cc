#include "observe/messages/erase_messages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/json_names.hpp"
#include "observe/messages/message_state.hpp"

namespace linnet::observe {
namespace {

using store::Statement;

struct TheirMessage {
  std::int64_t row = 0;
  std::string id;
};

Status take_away_messages(store::Connection& connection, std::int64_t instance,
                          const std::vector<TheirMessage>& messages) {
  for (const auto& message : messages) {
    for (const auto* const sql :
         {"DELETE FROM message_past_versions WHERE instance_id = $1 AND message_id = $2",
          "DELETE FROM message_changes WHERE instance_id = $1 AND message_id = $2",
          "DELETE FROM message_reactions WHERE instance_id = $1 AND message_id = $2",
          "DELETE FROM messages WHERE instance_id = $1 AND id = $2"})
      LINNET_CHECK(store::run(connection, sql, {instance, std::string_view(message.id)}));
  }
  return {};
}

Result<std::int64_t> forget_messages(store::Connection& connection, const PersonAccount& account,
                                     std::int64_t most, ErasedPosts& gone) {
  std::vector<TheirMessage> messages;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT row_number, id FROM messages WHERE author_id = $2 AND instance_id = $1 ORDER BY created_at, id "
      "LIMIT $3",
      {account.instance.value(), std::string_view(account.id), most}, [&](const Statement& row) {
        messages.push_back({row.integer(0), std::string(row.text(1))});
        gone.rows.push_back(-row.integer(0));
      }));
  LINNET_CHECK(take_away_messages(connection, account.instance.value(), messages));
  return static_cast<std::int64_t>(messages.size());
}

struct TheirReaction {
  std::string message, emoji, shown;
  std::int64_t counted = 0;  // what it added to the message's counts
};

Status uncount(store::Connection& connection, std::int64_t instance, const TheirReaction& reaction) {
  LINNET_TRY(
      const auto counts,
      store::query_text(connection, "SELECT reactions FROM messages WHERE instance_id = $1 AND id = $2",
                        {instance, std::string_view(reaction.message)}));
  const auto left = count_reaction(counts.value_or(""), reaction.shown, -reaction.counted);
  return store::run(connection, "UPDATE messages SET reactions = $3 WHERE instance_id = $1 AND id = $2",
                    {instance, std::string_view(reaction.message), store::text_or_null(left)});
}

Result<std::int64_t> forget_reactions(store::Connection& connection, const PersonAccount& account,
                                      std::int64_t most, ErasedPosts& /*gone*/) {
  const auto instance = account.instance.value();
  std::vector<TheirReaction> reactions;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT message_id, emoji, shown, added_at, removed_at FROM message_reactions WHERE "
      "instance_id = $1 AND user_id = $2 "
      "ORDER BY message_id, emoji LIMIT $3",
      {instance, std::string_view(account.id), most}, [&](const Statement& row) {
        // One that was given before anybody looked was only ever taken back.
        const std::int64_t counted = row.is_null(4) ? 1 : row.is_null(3) ? -1 : 0;
        reactions.push_back(
            {std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), counted});
      }));
  for (const auto& reaction : reactions) {
    if (reaction.counted != 0) LINNET_CHECK(uncount(connection, instance, reaction));
    LINNET_CHECK(store::run(connection,
                            "DELETE FROM message_reactions WHERE instance_id = $1 AND user_id = $2 AND "
                            "message_id = $3 AND emoji = $4",
                            {instance, std::string_view(account.id), std::string_view(reaction.message),
                             std::string_view(reaction.emoji)}));
  }
  return static_cast<std::int64_t>(reactions.size());
}

Result<std::int64_t> forget_answers(store::Connection& connection, const PersonAccount& account,
                                    std::int64_t /*most*/, ErasedPosts& /*gone*/) {
  LINNET_CHECK(store::run(connection,
                          "UPDATE messages SET reply_to_author_id = NULL WHERE reply_to_author_id = $2 AND "
                          "instance_id = $1",
                          {account.instance.value(), std::string_view(account.id)}));
  return connection.changes();
}

// All at once: each look reads every message.
Result<std::int64_t> forget_mentions(store::Connection& connection, const PersonAccount& account,
                                     std::int64_t /*most*/, ErasedPosts& /*gone*/) {
  const auto instance = account.instance.value();
  const auto pattern = fmt::format("%\"{}\"%", account.id);
  std::vector<std::pair<std::string, std::vector<std::string>>> found;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT id, mentions FROM messages WHERE instance_id = $1 AND mentions LIKE $2",
      {instance, std::string_view(pattern)},
      [&](const Statement& row) { found.emplace_back(row.text(0), json_names(row.text(1))); }));
  std::int64_t changed = 0;
  for (auto& [message, mentions] : found) {
    if (std::erase(mentions, account.id) == 0) continue;
    ++changed;
    const auto left =
        mentions.empty() ? std::string() : fmt::format("[\"{}\"]", fmt::join(mentions, "\",\""));
    LINNET_CHECK(store::run(connection,
                            "UPDATE messages SET mentions = $3 WHERE instance_id = $1 AND id = $2",
                            {instance, std::string_view(message), store::text_or_null(left)}));
  }
  return changed;
}

// As their mentions stand in texts, and what stands there afterwards, as in the log.
Result<std::int64_t> forget_tags(store::Connection& connection, const PersonAccount& account,
                                 std::int64_t /*most*/, ErasedPosts& /*gone*/) {
  std::int64_t changed = 0;
  for (const auto& tag : {fmt::format("<@{}>", account.id), fmt::format("<@!{}>", account.id)}) {
    const auto pattern = "%" + tag + "%";
    for (const auto* const sql :
         {"UPDATE messages SET content = replace(content, $2, '@erased') WHERE instance_id = $1 AND content "
          "LIKE $3",
          "UPDATE message_past_versions SET content = replace(content, $2, '@erased') WHERE instance_id = $1 "
          "AND "
          "content LIKE $3",
          "UPDATE channels SET topic = replace(topic, $2, '@erased') WHERE instance_id = $1 AND topic LIKE "
          "$3"}) {
      LINNET_CHECK(store::run(connection, sql,
                              {account.instance.value(), std::string_view(tag), std::string_view(pattern)}));
      changed += connection.changes();
    }
  }
  return changed;
}

constexpr ForgetSome kForgetChat[] = {forget_answers, forget_mentions, forget_tags, forget_reactions,
                                      forget_messages};

}  // namespace

Status count_messages(store::Connection& connection, const PersonAccount& account, ObservedErasure& found) {
  const auto count = [&](std::string_view sql, std::int64_t& into) -> Status {
    LINNET_TRY(
        const auto number,
        store::query_integer(connection, sql, {account.instance.value(), std::string_view(account.id)}));
    into += number.value_or(0);
    return {};
  };
  LINNET_CHECK(count("SELECT count(*) FROM messages WHERE author_id = $2 AND instance_id = $1", found.posts));
  LINNET_CHECK(count(R"(SELECT count(*) FROM message_past_versions v
                        JOIN messages m ON m.instance_id = v.instance_id AND m.id = v.message_id
                        WHERE m.author_id = $2 AND m.instance_id = $1)",
                     found.versions));
  return count(
      "SELECT count(*) FROM messages WHERE reply_to_author_id = $2 AND instance_id = $1 AND author_id <> $2",
      found.replies);
}

std::span<const ForgetSome> forget_steps_of_messages() {
  return kForgetChat;
}

Status forget_chat_account(store::Connection& connection, const PersonAccount& account) {
  for (const auto* const sql :
       {"DELETE FROM server_members WHERE instance_id = $1 AND user_id = $2",
        "UPDATE channels SET owner_id = NULL WHERE instance_id = $1 AND owner_id = $2",
        "UPDATE servers SET owner_id = NULL WHERE instance_id = $1 AND owner_id = $2"})
    LINNET_CHECK(store::run(connection, sql, {account.instance.value(), std::string_view(account.id)}));
  return {};
}

}  // namespace linnet::observe
