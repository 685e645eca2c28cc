#include "observe/messages/message_batch.hpp"

namespace linnet::observe {
namespace {

using store::ColumnType;
using store::RowBatch;
using store::Value;

constexpr auto kNumber = ColumnType::integer;
constexpr auto kWords = ColumnType::text;

const std::vector<store::Column> kMessageKey{{"instance_id", kNumber}, {"id", kWords}};
const std::vector<store::Column> kOfMessage{{"instance_id", kNumber}, {"message_id", kWords}};

const store::BulkLookup kFindMessages{
    "messages", kMessageKey,
    "server_id, channel_id, author_id, content, created_at, ingested_at, valid_from, edited_at, deleted_at, "
    "by_person, is_of_system, has_media, has_links, reply_to_id, reply_to_author_id, mentions, media, "
    "reactions, version_seq"};
const store::BulkLookup kFindMessageTombstones{"message_tombstones", kOfMessage, "deleted_at"};
const store::BulkInsert kInsertMessages{"messages", {{"instance_id", kNumber}, {"id", kWords},
                                                     {"server_id", kWords},    {"channel_id", kWords},
                                                     {"author_id", kWords},    {"content", kWords},
                                                     {"created_at", kNumber},  {"edited_at", kNumber},
                                                     {"deleted_at", kNumber},  {"visibility_scope", kWords},
                                                     {"reactions", kWords},    {"ingested_at", kNumber},
                                                     {"by_person", kNumber},   {"is_of_system", kNumber},
                                                     {"reply_to_id", kWords},  {"reply_to_author_id", kWords},
                                                     {"has_media", kNumber},   {"has_links", kNumber},
                                                     {"mentions", kWords},     {"media", kWords},
                                                     {"version_seq", kNumber}, {"valid_from", kNumber}}};
const store::BulkUpdate kUpdateMessages{"messages",
                                        kMessageKey,
                                        {{"content", kWords},
                                         {"edited_at", kNumber},
                                         {"deleted_at", kNumber},
                                         {"reactions", kWords},
                                         {"has_media", kNumber},
                                         {"has_links", kNumber},
                                         {"mentions", kWords},
                                         {"media", kWords},
                                         {"version_seq", kNumber},
                                         {"valid_from", kNumber}}};
const store::BulkInsert kInsertPastMessages{"message_past_versions",
                                            {{"instance_id", kNumber},
                                             {"message_id", kWords},
                                             {"version_seq", kNumber},
                                             {"valid_from", kNumber},
                                             {"valid_to", kNumber},
                                             {"content", kWords}}};
const store::BulkUpdate kRedactPastMessages{"message_past_versions", kOfMessage, {{"content", kWords}}};
const store::BulkInsert kInsertMessageTombstones{
    "message_tombstones",
    {{"instance_id", kNumber}, {"message_id", kWords}, {"deleted_at", kNumber}},
    "ON CONFLICT DO NOTHING"};
const store::BulkDelete kDeleteMessageTombstones{"message_tombstones", kOfMessage};
const store::BulkInsert kInsertMessageChanges{"message_changes", kOfMessage};

const std::vector<store::Column> kReactionKey{
    {"instance_id", kNumber}, {"message_id", kWords}, {"user_id", kWords}, {"emoji", kWords}};
const store::BulkLookup kFindReactions{"message_reactions", kReactionKey, "shown, added_at, removed_at"};
const store::BulkInsert kWriteReactions{
    "message_reactions",
    {{"instance_id", kNumber},
     {"message_id", kWords},
     {"user_id", kWords},
     {"emoji", kWords},
     {"shown", kWords},
     {"added_at", kNumber},
     {"removed_at", kNumber}},
    "ON CONFLICT (instance_id, message_id, user_id, emoji) DO UPDATE SET added_at = excluded.added_at, "
    "removed_at = excluded.removed_at"};

Value words_or_null(std::string_view text) {
  return store::text_or_null(text);
}
Value words_of(const model::MaybeText& text) {
  return text ? Value(*text) : Value();
}
Value truth(bool value) {
  return std::int64_t{value};
}

void read_message(const store::Statement& row, Arena& arena, MessageState& state) {
  const auto text = [&](int column) { return arena.copy(row.text(column)); };
  state.is_stored = state.is_known = true;
  state.server_id = text(0);
  state.channel_id = text(1);
  state.author_id = text(2);
  if (!row.is_null(3)) state.content = text(3);
  state.created_at = row.instant(4);
  state.ingested_at = row.instant(5);
  state.valid_from = row.instant(6);
  state.edited_at = row.maybe_instant(7);
  state.deleted_at = row.maybe_instant(8);
  state.by_person = row.integer(9) != 0;
  state.is_of_system = row.integer(10) != 0;
  state.has_media = row.integer(11) != 0;
  state.has_links = row.integer(12) != 0;
  state.reply_to_id = text(13);
  state.reply_to_author_id = text(14);
  state.mentions_json = text(15);
  state.media_json = text(16);
  state.reactions_json = text(17);
  state.version_seq = row.integer(18);
}

}  // namespace

std::string_view MessageBatch::key(InstanceId instance, std::initializer_list<std::string_view> parts) {
  key_.assign(reinterpret_cast<const char*>(&instance.value()), sizeof(std::int64_t));
  for (const auto part : parts) key_.append(part).push_back('\n');
  return key_;
}

void MessageBatch::add_message(InstanceId instance, std::string_view id) {
  (void)message(instance, id);
}

MessageState& MessageBatch::message(InstanceId instance, std::string_view id) {
  auto*& place = messages_by_key_[std::string(key(instance, {id}))];
  if (place == nullptr) {
    place = &messages_.emplace_back();
    place->instance = instance;
    place->id = id;
  }
  return *place;
}

ReactionState& MessageBatch::reaction(InstanceId instance, std::string_view message, std::string_view user,
                                      std::string_view emoji) {
  auto*& place = reactions_by_key_[std::string(key(instance, {message, user, emoji}))];
  if (place == nullptr) {
    place = &reactions_.emplace_back();
    place->instance = instance;
    place->message = message;
    place->user = user;
    place->emoji = emoji;
  }
  return *place;
}

void MessageBatch::clear_reactions(InstanceId instance, std::string_view message, std::string_view emoji,
                                   Instant at) {
  cleared_.push_back({instance, message, emoji, at});
  for (auto& reaction : reactions_) {
    const bool is_meant = reaction.instance == instance && reaction.message == message &&
                          (emoji.empty() || reaction.emoji == emoji);
    if (!is_meant || !reaction.is_there()) continue;
    reaction.removed_at = at;
    reaction.is_changed = true;
  }
}

Status MessageBatch::load(store::Connection& connection, std::span<const model::Event> events,
                          Greatest& greatest) {
  for (const auto& event : events) {
    for (const auto& one : event.chat) {
      if (const auto* const seen = std::get_if<model::MessageSighting>(&one)) {
        add_message(event.instance, seen->id);
        if (seen->reply_to_id) add_message(event.instance, *seen->reply_to_id);
      } else if (const auto* const gone = std::get_if<model::MessagesGone>(&one)) {
        for (const auto id : gone->ids) add_message(event.instance, id);
      } else if (const auto* const reacted = std::get_if<model::ReactionSighting>(&one)) {
        add_message(event.instance, reacted->message_id);
        if (!reacted->user_id.empty())
          (void)reaction(event.instance, reacted->message_id, reacted->user_id, emoji_key(reacted->emoji));
      }
    }
  }
  LINNET_CHECK(load_messages(connection, greatest));
  LINNET_CHECK(load_tombstones(connection));
  return load_reactions(connection);
}

Status MessageBatch::load_messages(store::Connection& connection, Greatest& greatest) {
  RowBatch keys(2);
  std::vector<MessageState*> places;
  for (auto& state : messages_) {
    const auto [known, is_new] = greatest.try_emplace(state.instance);
    if (is_new) {
      LINNET_TRY(auto last,
                 store::query_text(connection, "SELECT max(id) FROM messages WHERE instance_id = $1",
                                   {state.instance.value()}));
      known->second = std::move(last).value_or(std::string());
    }
    if (state.id > known->second) continue;
    keys.add_row(state.instance.value(), state.id);
    places.push_back(&state);
  }
  if (keys.empty()) return {};
  return connection.lookup_many(kFindMessages, keys, [&](std::size_t index, const store::Statement& row) {
    read_message(row, arena_, *places[index]);
  });
}

Status MessageBatch::load_tombstones(store::Connection& connection) {
  RowBatch keys(2);
  std::vector<MessageState*> places;
  for (auto& state : messages_) {
    if (state.is_known) continue;
    keys.add_row(state.instance.value(), state.id);
    places.push_back(&state);
  }
  if (keys.empty()) return {};
  LINNET_TRY(const auto any, store::query_integer(connection, "SELECT 1 FROM message_tombstones LIMIT 1"));
  if (!any) return {};
  return connection.lookup_many(
      kFindMessageTombstones, keys,
      [&](std::size_t index, const store::Statement& row) { places[index]->deleted_at = row.instant(0); });
}

Status MessageBatch::load_reactions(store::Connection& connection) {
  RowBatch keys(4);
  for (const auto& reaction : reactions_)
    keys.add_row(reaction.instance.value(), reaction.message, reaction.user, reaction.emoji);
  if (keys.empty()) return {};
  return connection.lookup_many(kFindReactions, keys, [&](std::size_t index, const store::Statement& row) {
    auto& reaction = reactions_[index];
    reaction.is_stored = true;
    reaction.shown = row.text(0);
    reaction.added_at = row.maybe_instant(1);
    reaction.removed_at = row.maybe_instant(2);
  });
}

Status MessageBatch::write(store::Connection& connection, bool redact) {
  LINNET_CHECK(write_messages(connection));
  if (redact) LINNET_CHECK(write_redacted(connection));
  return write_reactions(connection);
}

Status MessageBatch::write_messages(store::Connection& connection) {
  RowBatch added(22);
  RowBatch updated(12);
  RowBatch versions(6);
  RowBatch tombstones(3);
  RowBatch lifted(2);
  RowBatch changes(2);
  for (const auto& state : messages_) {
    const Value instance = state.instance.value();
    if (!state.is_known) {
      if (state.deletion_changed) tombstones.add_row(instance, state.id, to_micros(*state.deleted_at));
      continue;
    }
    if (!state.is_changed) continue;
    for (const auto& version : state.past)
      versions.add_row(instance, state.id, version.seq, to_micros(version.valid_from),
                       to_micros(version.valid_to), words_of(version.content));
    if (state.words_changed && state.is_stored) changes.add_row(instance, state.id);
    if (state.is_stored) {
      updated.add_row(instance, state.id, words_of(state.content), store::value_of(state.edited_at),
                      store::value_of(state.deleted_at), words_or_null(state.reactions_json),
                      truth(state.has_media), truth(state.has_links), words_or_null(state.mentions_json),
                      words_or_null(state.media_json), state.version_seq, to_micros(state.valid_from));
      continue;
    }
    if (state.deleted_at && !state.deletion_changed) lifted.add_row(instance, state.id);
    added.add_row(instance, state.id, state.server_id, state.channel_id, state.author_id,
                  words_of(state.content), to_micros(state.created_at), store::value_of(state.edited_at),
                  store::value_of(state.deleted_at), std::string_view("public"),
                  words_or_null(state.reactions_json), to_micros(state.ingested_at), truth(state.by_person),
                  truth(state.is_of_system), words_or_null(state.reply_to_id),
                  words_or_null(state.reply_to_author_id), truth(state.has_media), truth(state.has_links),
                  words_or_null(state.mentions_json), words_or_null(state.media_json), state.version_seq,
                  to_micros(state.valid_from));
  }
  if (!lifted.empty()) LINNET_CHECK(connection.delete_many(kDeleteMessageTombstones, lifted));
  if (!added.empty()) LINNET_CHECK(connection.insert_many(kInsertMessages, added));
  if (!updated.empty()) LINNET_CHECK(connection.update_many(kUpdateMessages, updated));
  if (!versions.empty()) LINNET_CHECK(connection.insert_many(kInsertPastMessages, versions));
  if (!changes.empty()) LINNET_CHECK(connection.insert_many(kInsertMessageChanges, changes));
  if (!tombstones.empty()) LINNET_CHECK(connection.insert_many(kInsertMessageTombstones, tombstones));
  return {};
}

Status MessageBatch::write_redacted(store::Connection& connection) {
  RowBatch rows(3);
  for (const auto& state : messages_) {
    if (state.is_known && state.deletion_changed && state.version_seq > 1)
      rows.add_row(state.instance.value(), state.id, Value());
  }
  return rows.empty() ? Status() : connection.update_many(kRedactPastMessages, rows);
}

Status MessageBatch::write_reactions(store::Connection& connection) {
  for (const auto& cleared : cleared_) {
    LINNET_CHECK(
        store::run(connection,
                   "UPDATE message_reactions SET removed_at = $3 WHERE instance_id = $1 AND "
                   "message_id = $2 AND removed_at IS NULL AND ($4 = '' OR emoji = $4)",
                   {cleared.instance.value(), cleared.message, to_micros(cleared.at), cleared.emoji}));
  }
  RowBatch rows(7);
  for (const auto& reaction : reactions_) {
    if (!reaction.is_changed) continue;
    rows.add_row(reaction.instance.value(), reaction.message, reaction.user, reaction.emoji,
                 std::string_view(reaction.shown), store::value_of(reaction.added_at),
                 store::value_of(reaction.removed_at));
  }
  return rows.empty() ? Status() : connection.insert_many(kWriteReactions, rows);
}

}  // namespace linnet::observe
