#include "act/messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "act/heeded_opt_outs.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "govern/consent.hpp"
#include "govern/erased_people.hpp"
#include "govern/opt_out_signs.hpp"
#include "govern/retention.hpp"
#include "store/sealing_key.hpp"

namespace linnet::act {
namespace {

constexpr std::size_t kPreviewBytes = 120;
constexpr auto kAskAgainAfter = std::chrono::hours(6);
// What changes in the midst of a conversation does not always show from outside.
constexpr auto kReadAllAfter = std::chrono::hours(24);

struct MessageReading {
  store::Connection& connection;
  const SecretBox& box;
  const ActingAccount& account;
  Instant now{};
  std::int64_t added = 0;
};

Status refresh_thread(store::Connection& connection, const std::string& id, const connect::ThreadSeen& thread,
                      Instant now) {
  return store::run(
      connection,
      R"(UPDATE dm_threads
         SET unread_count = $2, is_archived = $3, last_synced_at = $4, participant_username = $5,
           participant_id = $6 WHERE id = $1)",
      {std::string_view(id), thread.unread_count, std::int64_t{thread.is_archived}, to_micros(now),
       std::string_view(thread.participant_name), std::string_view(thread.participant_id)});
}

Result<std::string> thread_row(MessageReading& reading, const connect::ThreadSeen& thread) {
  LINNET_TRY(
      const auto known,
      store::query_text(
          reading.connection,
          R"(SELECT id FROM dm_threads WHERE platform = $1 AND account_id = $2 AND platform_thread_id = $3)",
          {std::string_view(reading.account.view.platform), std::string_view(reading.account.id.value()),
           std::string_view(thread.id)}));
  if (known) {
    LINNET_CHECK(refresh_thread(reading.connection, *known, thread, reading.now));
    return *known;
  }
  LINNET_TRY(const auto id, make_uuid_v4());
  LINNET_CHECK(
      store::run(reading.connection,
                 R"(INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id,
                      participant_username, unread_count, is_archived, discovered_at, last_synced_at)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9))",
                 {std::string_view(id), std::string_view(reading.account.view.platform),
                  std::string_view(thread.id), std::string_view(reading.account.id.value()),
                  std::string_view(thread.participant_id), std::string_view(thread.participant_name),
                  thread.unread_count, std::int64_t{thread.is_archived}, to_micros(reading.now)}));
  return id;
}

// What the account's owner deleted on the platform goes here as well.
Status redact_message(MessageReading& reading, const std::string& thread, const std::string& message) {
  return store::run(reading.connection,
                    R"(UPDATE dm_messages SET content_encrypted = $4
                       WHERE platform = $1 AND thread_id = $2 AND platform_message_id = $3)",
                    {std::string_view(reading.account.view.platform), std::string_view(thread),
                     std::string_view(message), kRedactedText});
}

// Whether retention would have taken the text by now.
bool is_past_keeping(const MessageReading& reading, const connect::MessageSeen& message) {
  return message.sent_at && *message.sent_at < reading.now - govern::kMessageTextsKept;
}

Status add_message(MessageReading& reading, const std::string& thread, const connect::MessageSeen& message,
                   bool is_readable) {
  LINNET_TRY(const auto id, make_uuid_v4());
  std::string text(kRedactedText);
  if (is_readable) {
    LINNET_TRY(text, reading.box.seal(message.text, id));
  }
  LINNET_TRY(const auto attempt,
             store::query_text(reading.connection,
                               "SELECT id FROM action_attempts WHERE account_id = $1 AND result_id = $2",
                               {std::string_view(reading.account.id.value()), std::string_view(message.id)}));
  LINNET_CHECK(store::run(
      reading.connection,
      R"(INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id,
           content_encrypted, content_type, sent_at, read_at, action_attempt_id, discovered_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))",
      {std::string_view(id), std::string_view(reading.account.view.platform), std::string_view(message.id),
       std::string_view(thread), std::int64_t{message.is_from_us},
       message.is_from_us ? store::Value() : store::text_or_null(message.sender_id), std::string_view(text),
       std::string_view(message.content_type), store::value_of(message.sent_at),
       store::value_of(message.read_at), store::text_or_null(attempt.value_or("")), to_micros(reading.now)}));
  ++reading.added;
  return {};
}

// Whether it can be read afterwards: what was redacted once stays so, and what is too old is not made
// readable.
Result<bool> keep_message(MessageReading& reading, const std::string& thread,
                          const connect::MessageSeen& message) {
  const bool is_recent = !is_past_keeping(reading, message);
  LINNET_TRY(const auto known, store::query_text(reading.connection,
                                                 R"(SELECT content_encrypted FROM dm_messages
                                                    WHERE platform = $1 AND thread_id = $2
                                                      AND platform_message_id = $3)",
                                                 {std::string_view(reading.account.view.platform),
                                                  std::string_view(thread), std::string_view(message.id)}));
  if (known) return is_recent && *known != kRedactedText;
  LINNET_CHECK(add_message(reading, thread, message, is_recent));
  return is_recent;
}

Status keep_newest(MessageReading& reading, const std::string& thread, const connect::MessageSeen& newest,
                   bool may_show) {
  std::string preview;
  if (may_show) {
    LINNET_TRY(preview, reading.box.seal(truncate_utf8(newest.text, kPreviewBytes), thread));
  }
  return store::run(
      reading.connection,
      "UPDATE dm_threads SET last_message_at = $2, last_message_preview = $3 WHERE id = $1",
      {std::string_view(thread), store::value_of(newest.sent_at), store::text_or_null(preview)});
}

// Whoever wrote the message: a conversation has more people in it than the one it is named after.
govern::PersonKey sender_of(const ActingAccount& account, const connect::ThreadSeen& thread,
                            const connect::MessageSeen& message) {
  const bool is_named = message.sender_name.empty() && message.sender_id == thread.participant_id;
  return seen_by(account, message.sender_id, is_named ? thread.participant_name : message.sender_name);
}

// Whether a message is written down: our own, and what somebody agreed that we read. Of people who were
// erased nothing comes back.
Result<bool> may_keep(MessageReading& reading, const connect::ThreadSeen& thread,
                      const connect::MessageSeen& message) {
  if (message.is_from_us) return true;
  const auto sender = sender_of(reading.account, thread, message);
  LINNET_TRY(const bool was_erased, govern::is_erased(reading.connection, sender));
  if (was_erased) return false;
  return govern::has_consent(reading.connection, sender, "dm_read");
}

// The row of the conversation; nothing where the person it is with was erased.
Result<std::optional<std::string>> keep_thread(MessageReading& reading, const connect::ThreadSeen& thread,
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

// `why` is empty when the messages are shown; `refused_at` is when the platform said that they never will be.
Status note_access(store::Writer& writer, const connect::AccountId& account, const std::string& why,
                   std::optional<Instant> refused_at) {
  return writer.write([&](store::Connection& connection) {
    return store::run(connection,
                      R"(UPDATE accounts
                         SET messages_error = $2, messages_refused_at = $3
                         WHERE id = $1 AND (messages_error IS NOT NULL OR $4 = 1))",
                      {std::string_view(account.value()), store::text_or_null(why),
                       store::value_of(refused_at), std::int64_t{!why.empty()}});
  });
}

// Conversations of which nothing is new are not read again.
class UnchangedThreads {
 public:
  static Result<UnchangedThreads> read(store::Connection& connection, const ActingAccount& account,
                                       Instant now) {
    UnchangedThreads all;
    // Words that were left out stand for reading once somebody agrees, also while they are being read.
    LINNET_TRY(const auto agreed,
               store::query_integer(
                   connection,
                   "SELECT MAX(granted_at) FROM consents WHERE consent_type = 'dm_read' AND platform = $1",
                   {std::string_view(account.view.platform)}));
    const auto since = std::max(agreed.value_or(0), to_micros(now - kReadAllAfter));
    LINNET_CHECK(store::for_each_row(
        connection,
        R"(SELECT platform_thread_id, id, seen_version FROM dm_threads
           WHERE account_id = $1 AND seen_version IS NOT NULL AND read_at > $2 AND read_at <= $3)",
        {std::string_view(account.id.value()), since, to_micros(now)}, [&](const store::Statement& row) {
          all.known_[std::string(row.text(0))] = {std::string(row.text(1)), std::string(row.text(2))};
        }));
    return all;
  }

  // The row of the conversation, unless there is something to read.
  [[nodiscard]] const std::string* find(const connect::ThreadSeen& thread) const {
    const auto at = known_.find(thread.id);
    const bool is_same =
        at != known_.end() && !thread.version.empty() && at->second.version == thread.version;
    return is_same ? &at->second.row : nullptr;
  }

 private:
  struct Known {
    std::string row;
    std::string version;
  };
  std::map<std::string, Known> known_;
};

class MessageSync {
 public:
  MessageSync(store::Database& database, store::Writer& writer, Clock& clock, const SecretBox& box,
              connect::ActingConnector& connector, const ActingAccount& account, const OnOptOut& on_opt_out)
      : database_(database),
        writer_(writer),
        clock_(clock),
        box_(box),
        connector_(connector),
        account_(account),
        on_opt_out_(on_opt_out) {}

  // Returns how many messages are new. One conversation that fails does not keep the others from being read.
  Result<std::int64_t> read(const std::vector<connect::ThreadSeen>& threads, const std::stop_token& stop) {
    UnchangedThreads unchanged;
    {
      LINNET_TRY(auto reader, database_.reader());
      LINNET_TRY(unchanged, UnchangedThreads::read(*reader, account_, clock_.now()));
    }
    LINNET_CHECK(refresh(threads, unchanged));
    for (const auto& thread : threads) {
      if (unchanged.find(thread) != nullptr) continue;
      const auto done = read_thread(thread, stop);
      if (done) continue;
      if (ends_reading(done.error())) return done.error();
      ++failed_;
      if (first_failure_.empty()) first_failure_ = done.error().safe;
      log::warn("messages of {}: a conversation cannot be read: {}", account_.username, done.error().safe);
    }
    return added_;
  }

  // What could not be read, for people; empty: all of it was.
  [[nodiscard]] std::string trouble() const {
    if (failed_ == 0) return {};
    return fmt::format("{} cannot be read just now and {} tried again every few minutes: {}",
                       failed_ == 1 ? "one conversation" : fmt::format("{} conversations", failed_),
                       failed_ == 1 ? "is" : "are", first_failure_);
  }

 private:
  // What stands in the way of every other as well.
  static bool ends_reading(const Error& error) {
    return error.kind == ErrorKind::cancelled || error.kind == ErrorKind::rate_limited;
  }

  // How much of it is unread changes without a word.
  Status refresh(const std::vector<connect::ThreadSeen>& threads, const UnchangedThreads& unchanged) {
    return writer_.write([&](store::Connection& connection) -> Status {
      for (const auto& thread : threads) {
        const auto* const row = unchanged.find(thread);
        if (row != nullptr) LINNET_CHECK(refresh_thread(connection, *row, thread, clock_.now()));
      }
      return {};
    });
  }

  Status read_thread(const connect::ThreadSeen& thread, const std::stop_token& stop) {
    LINNET_TRY(const bool is_done, was_passed_over(thread));
    if (is_done) return {};
    const auto begun_at = clock_.now();
    const auto messages = connector_.messages(thread, stop);
    // Somebody left it in between.
    if (!messages && messages.error().kind == ErrorKind::not_found) return {};
    if (!messages) {
      // The newest word came with the list; it may be the one that counts.
      LINNET_CHECK(heed(thread, thread.messages, std::nullopt));
      return messages.error();
    }
    LINNET_TRY(const auto row, keep(thread, *messages));
    LINNET_CHECK(heed(thread, *messages, row));
    return note_read(thread, row, begun_at);
  }

  Result<std::optional<std::string>> keep(const connect::ThreadSeen& thread,
                                          const std::vector<connect::MessageSeen>& messages) {
    std::optional<std::string> row;
    std::int64_t here = 0;
    LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
      LINNET_CHECK(store::refuse_old_key(connection, box_));
      MessageReading reading{connection, box_, account_, clock_.now()};
      LINNET_TRY(row, keep_thread(reading, thread, messages));
      here = reading.added;
      return {};
    }));
    added_ += here;
    return row;
  }

  Status heed(const connect::ThreadSeen& thread, const std::vector<connect::MessageSeen>& messages,
              const std::optional<std::string>& row) {
    if (!on_opt_out_) return {};
    Status all;
    for (const auto& message : messages) {
      if (message.is_from_us || !govern::message_opts_out(message.text)) continue;
      const auto item = row ? heeded_message(*row, message.id) : elsewhere(message.id);
      auto done = heed_once(database_, writer_, clock_, item,
                            [&] { return on_opt_out_(sender_of(account_, thread, message)); });
      if (!done && all) all = std::move(done);
    }
    return all;
  }

  // After what it asks for was done: broken off before, it is read again.
  Status note_read(const connect::ThreadSeen& thread, const std::optional<std::string>& row, Instant at) {
    if (thread.version.empty()) return {};
    if (!row) return heed_once(database_, writer_, clock_, passed_over(thread), [] { return Status(); });
    return writer_.write([&](store::Connection& connection) {
      return store::run(connection, "UPDATE dm_threads SET seen_version = $2, read_at = $3 WHERE id = $1",
                        {std::string_view(*row), std::string_view(thread.version), to_micros(at)});
    });
  }

  // A conversation with somebody who was erased, looked through as it is now. It has no row to say so.
  Result<bool> was_passed_over(const connect::ThreadSeen& thread) {
    if (thread.version.empty()) return false;
    const auto item = passed_over(thread);
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const auto at,
               store::query_integer(*reader, "SELECT heeded_at FROM heeded_opt_outs WHERE item = $1",
                                    {std::string_view(item)}));
    if (!at) return false;
    const auto participant = seen_by(account_, thread.participant_id, thread.participant_name);
    return govern::is_erased(*reader, participant);
  }
  [[nodiscard]] std::string passed_over(const connect::ThreadSeen& thread) const {
    return elsewhere(fmt::format("{} {} {}", account_.id.value(), thread.id, thread.version));
  }
  [[nodiscard]] std::string elsewhere(std::string_view id) const {
    return heeded_elsewhere(account_.view.platform, account_.server, id);
  }

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  const SecretBox& box_;
  connect::ActingConnector& connector_;
  const ActingAccount& account_;
  const OnOptOut& on_opt_out_;
  std::int64_t added_ = 0;
  std::int64_t failed_ = 0;  // conversations
  std::string first_failure_;
};

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
  MessageSync sync{database, writer, clock, box, connector, account, on_opt_out};
  auto added = sync.read(*threads, stop);
  LINNET_CHECK(note_access(writer, id, sync.trouble(), std::nullopt));
  return added;
}

}  // namespace linnet::act
