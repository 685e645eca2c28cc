#include "act/messages.hpp"

#include <fmt/format.h>

#include "act/heeded_opt_outs.hpp"
#include "base/text.hpp"
#include "govern/consent.hpp"
#include "govern/erased_people.hpp"
#include "govern/opt_out_signs.hpp"
#include "govern/retention.hpp"

namespace linnet::act {
namespace {

constexpr std::string_view kRedacted = "[REDACTED]";
constexpr std::size_t kPreviewBytes = 120;
constexpr auto kAskAgainAfter = std::chrono::hours(6);

struct Reading {
  store::Connection& connection;
  const SecretBox& box;
  const ActingAccount& account;
  Instant now{};
  std::int64_t added = 0;
};

store::Value text_or_null(const std::string& text) {
  return text.empty() ? store::Value() : store::Value(std::string_view(text));
}

Result<std::string> thread_row(Reading& reading, const connect::ThreadSeen& thread) {
  LINNET_TRY(const auto known,
             store::query_text(reading.connection,
                               "SELECT id FROM dm_threads WHERE platform = $1 AND account_id = $2 AND "
                               "platform_thread_id = $3",
                               {std::string_view(reading.account.view.platform),
                                std::string_view(reading.account.id.value()), std::string_view(thread.id)}));
  if (known) {
    LINNET_CHECK(store::run(reading.connection,
                            "UPDATE dm_threads SET unread_count = $2, is_archived = $3, last_synced_at = $4, "
                            "participant_username = $5 WHERE id = $1",
                            {std::string_view(*known), thread.unread_count, std::int64_t{thread.is_archived},
                             to_micros(reading.now), std::string_view(thread.participant_name)}));
    return *known;
  }
  LINNET_TRY(const auto id, make_uuid_v4());
  LINNET_CHECK(store::run(
      reading.connection,
      "INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id, "
      "participant_username, unread_count, is_archived, discovered_at, last_synced_at) VALUES ($1, "
      "$2, $3, $4, $5, $6, $7, $8, $9, $9)",
      {std::string_view(id), std::string_view(reading.account.view.platform), std::string_view(thread.id),
       std::string_view(reading.account.id.value()), std::string_view(thread.participant_id),
       std::string_view(thread.participant_name), thread.unread_count, std::int64_t{thread.is_archived},
       to_micros(reading.now)}));
  return id;
}

// What the account's owner deleted on the platform goes here as well.
Status redact_message(Reading& reading, const std::string& thread, const std::string& message) {
  return store::run(
      reading.connection,
      "UPDATE dm_messages SET content_encrypted = $4 WHERE platform = $1 AND thread_id = $2 AND "
      "platform_message_id = $3",
      {std::string_view(reading.account.view.platform), std::string_view(thread), std::string_view(message),
       kRedacted});
}

// Whether retention would have taken the text by now.
bool is_past_keeping(const Reading& reading, const connect::MessageSeen& message) {
  return message.sent_at && *message.sent_at < reading.now - govern::kMessageTextsKept;
}

Status add_message(Reading& reading, const std::string& thread, const connect::MessageSeen& message,
                   bool is_readable) {
  LINNET_TRY(const auto id, make_uuid_v4());
  std::string text(kRedacted);
  if (is_readable) {
    LINNET_TRY(text, reading.box.seal(message.text, id));
  }
  LINNET_TRY(const auto attempt,
             store::query_text(reading.connection,
                               "SELECT id FROM action_attempts WHERE account_id = $1 AND result_id = $2",
                               {std::string_view(reading.account.id.value()), std::string_view(message.id)}));
  LINNET_CHECK(store::run(
      reading.connection,
      "INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id, "
      "content_encrypted, content_type, sent_at, read_at, action_attempt_id, discovered_at) VALUES ($1, $2, "
      "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
      {std::string_view(id), std::string_view(reading.account.view.platform), std::string_view(message.id),
       std::string_view(thread), std::int64_t{message.is_from_us},
       message.is_from_us ? store::Value() : text_or_null(message.sender_id), std::string_view(text),
       std::string_view(message.content_type), store::value_of(message.sent_at),
       store::value_of(message.read_at), text_or_null(attempt.value_or("")), to_micros(reading.now)}));
  ++reading.added;
  return {};
}

// Whether it can be read afterwards: what was redacted once stays so, and what is too old is not made
// readable.
Result<bool> keep_message(Reading& reading, const std::string& thread, const connect::MessageSeen& message) {
  const bool is_recent = !is_past_keeping(reading, message);
  LINNET_TRY(
      const auto known,
      store::query_text(reading.connection,
                        "SELECT content_encrypted FROM dm_messages WHERE platform = $1 AND thread_id = $2 "
                        "AND platform_message_id = $3",
                        {std::string_view(reading.account.view.platform), std::string_view(thread),
                         std::string_view(message.id)}));
  if (known) return is_recent && *known != kRedacted;
  LINNET_CHECK(add_message(reading, thread, message, is_recent));
  return is_recent;
}

Status keep_newest(Reading& reading, const std::string& thread, const connect::MessageSeen& newest,
                   bool may_show) {
  std::string preview;
  if (may_show) {
    LINNET_TRY(preview, reading.box.seal(truncate_utf8(newest.text, kPreviewBytes), thread));
  }
  return store::run(reading.connection,
                    "UPDATE dm_threads SET last_message_at = $2, last_message_preview = $3 WHERE id = $1",
                    {std::string_view(thread), store::value_of(newest.sent_at), text_or_null(preview)});
}

// Whoever wrote the message: a conversation has more people in it than the one it is named after.
govern::PersonKey sender_of(const ActingAccount& account, const connect::ThreadSeen& thread,
                            const connect::MessageSeen& message) {
  const bool is_named = message.sender_id == thread.participant_id;
  return seen_by(account, message.sender_id, is_named ? thread.participant_name : std::string());
}

// Whether a message is written down: our own, and what somebody agreed that we read. Of people who were
// erased nothing comes back.
Result<bool> may_keep(Reading& reading, const connect::ThreadSeen& thread,
                      const connect::MessageSeen& message) {
  if (message.is_from_us) return true;
  const auto sender = sender_of(reading.account, thread, message);
  LINNET_TRY(const bool was_erased, govern::is_erased(reading.connection, sender));
  if (was_erased) return false;
  return govern::has_consent(reading.connection, sender, "dm_read");
}

// The row of the conversation; nothing where the person it is with was erased.
Result<std::optional<std::string>> keep_thread(Reading& reading, const connect::ThreadSeen& thread,
                                               const std::vector<connect::MessageSeen>& messages) {
  const auto participant = seen_by(reading.account, thread.participant_id, thread.participant_name);
  LINNET_TRY(const bool was_erased, govern::is_erased(reading.connection, participant));
  if (was_erased) return std::optional<std::string>();
  LINNET_TRY(auto id, thread_row(reading, thread));
  bool may_show = false;
  for (const auto& message : messages) {
    if (message.is_deleted) {
      LINNET_CHECK(redact_message(reading, id, message.id));
      may_show = false;
      continue;
    }
    LINNET_TRY(may_show, may_keep(reading, thread, message));
    if (!may_show) continue;
    LINNET_TRY(may_show, keep_message(reading, id, message));
  }
  if (!messages.empty()) LINNET_CHECK(keep_newest(reading, id, messages.back(), may_show));
  return std::optional(std::move(id));
}

// Whether the platform said not long ago that the credentials do not cover messages.
Result<bool> was_refused(store::Connection& connection, const connect::AccountId& account, Instant now) {
  LINNET_TRY(const auto at,
             store::query_integer(connection, "SELECT messages_refused_at FROM accounts WHERE id = $1",
                                  {std::string_view(account.value())}));
  return at && now - from_micros(*at) < kAskAgainAfter;
}

// `why` is empty when the messages are shown.
Status note_access(store::Writer& writer, const connect::AccountId& account, const std::string& why,
                   Instant now) {
  return writer.write([&](store::Connection& connection) {
    return store::run(
        connection,
        "UPDATE accounts SET messages_error = $2, messages_refused_at = $3 WHERE id = $1 AND (messages_error "
        "IS NOT NULL OR $4 = 1)",
        {std::string_view(account.value()), text_or_null(why),
         why.empty() ? store::Value() : store::Value(to_micros(now)), std::int64_t{!why.empty()}});
  });
}

}  // namespace

Result<std::int64_t> sync_messages(store::Database& database, store::Writer& writer, Clock& clock,
                                   const SecretBox& box, connect::ActingConnector& connector,
                                   const connect::AccountId& id, const OnOptOut& on_opt_out,
                                   const std::stop_token& stop) {
  ActingAccount account;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(account, load_acting_account(*reader, id));
    LINNET_TRY(const bool is_refused, was_refused(*reader, id, clock.now()));
    if (is_refused) return std::int64_t{0};
  }
  const auto threads = connector.threads(stop);
  if (!threads && threads.error().kind == ErrorKind::denied)
    LINNET_CHECK(note_access(writer, id, threads.error().safe, clock.now()));
  if (!threads) return threads.error();
  LINNET_CHECK(note_access(writer, id, "", clock.now()));
  std::int64_t added = 0;
  for (const auto& thread : *threads) {
    const auto messages = connector.messages(thread.id, stop);
    // Somebody left it in between.
    if (!messages && messages.error().kind == ErrorKind::not_found) continue;
    if (!messages) return messages.error();
    std::int64_t here = 0;
    std::optional<std::string> row;
    LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
      Reading reading{connection, box, account, clock.now()};
      LINNET_TRY(row, keep_thread(reading, thread, *messages));
      here = reading.added;
      return {};
    }));
    added += here;
    if (!on_opt_out) continue;
    for (const auto& message : *messages) {
      if (message.is_from_us || !govern::message_opts_out(message.text)) continue;
      const auto item = row ? heeded_message(*row, message.id)
                            : heeded_elsewhere(account.view.platform, account.server, message.id);
      LINNET_CHECK(heed_once(database, writer, clock, item,
                             [&] { return on_opt_out(sender_of(account, thread, message)); }));
    }
  }
  return added;
}

}  // namespace linnet::act
