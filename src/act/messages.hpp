// Direct messages: what the platform shows is kept, sealed, as far as people agreed to it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "act/situation.hpp"
#include "base/clock.hpp"
#include "base/secret_box.hpp"
#include "connect/acting_connector.hpp"
#include "store/record/entity.hpp"
#include "store/writer.hpp"

namespace linnet::act {

// Stands where a person's words stood that may not be kept.
inline constexpr std::string_view kRedactedText = "[REDACTED]";

// Called for a message by which a person asks to be left alone, once for each.
using OnOptOut = std::function<Status(const govern::PersonKey& person)>;

// Reads the account's conversations and writes them down. What a person wrote is kept only while their
// own consent dm_read stands, whoever else is in the conversation; without it a conversation is known by its
// participant and its unread count alone. Of people who were erased nothing is written down. What nothing is
// new in is not read again until somebody agrees to be read, or a day later. Whether somebody asks to be left
// alone is looked at in any case. One conversation that cannot be read holds up no other: `messages_error` of
// the account says so, and it is read again the next time. Returns how many messages are new. Credentials
// that do not cover messages are the account's `messages_error`, and are not asked about again for hours, or
// until somebody signs in.
Result<std::int64_t> sync_messages(store::Database& database, store::Writer& writer, Clock& clock,
                                   const SecretBox& box, connect::ActingConnector& connector,
                                   const connect::AccountId& account, const OnOptOut& on_opt_out,
                                   const std::stop_token& stop);

// Ids of people whose messages may be read, or with whom the account has a conversation that is known.
Result<std::vector<std::string>> message_partners(store::Connection& connection,
                                                  const connect::AccountId& account);

struct DmThread {
  std::string id;
  std::string platform;
  std::string platform_thread_id;
  std::string account_id;
  std::string participant_id;
  std::string participant_username;
  std::optional<Instant> last_message_at;
  std::string preview;  // unsealed; empty without consent, or where it cannot be read
  std::int64_t unread_count = 0;
  bool is_archived = false;
  bool has_consent = false;
  std::string server_id;      // host of the instance whose ids these are; empty where they count everywhere
  std::string preview_error;  // why there is none
};
// Newest first.
Result<std::vector<DmThread>> list_threads(store::Connection& connection, const SecretBox& box,
                                           const std::string& account_id, std::int64_t limit);

struct DmMessage {
  std::string id;
  bool is_from_us = false;
  std::optional<std::string> text;  // empty when redacted; absent where it cannot be read
  bool is_redacted = false;
  std::string content_type;
  std::optional<Instant> sent_at;
  std::optional<Instant> read_at;
  std::string sender_id;   // the platform's own; empty of our own
  std::string text_error;  // why it cannot be read: one that is damaged does not keep the others back
};
// Oldest first.
Result<std::vector<DmMessage>> list_messages(store::Connection& connection, const SecretBox& box,
                                             const std::string& thread_id);

}  // namespace linnet::act

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::DmThread>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::DmMessage>();
