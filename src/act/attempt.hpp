// An attempt: one action on one target, from the request to its outcome.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "act/policy.hpp"
#include "base/secret_box.hpp"
#include "connect/account_store.hpp"
#include "store/record/entity.hpp"

namespace linnet::act {

using AttemptId = Id<struct AttemptTag, std::string>;  // UUID v4

struct Attempt {
  AttemptId id;
  std::string run_id;
  std::int64_t step = 1;
  std::string platform;
  model::ActionType type{};
  connect::AccountId account;
  model::TargetType target_type{};
  std::string target_id;
  std::string target_name;
  std::string target_user_id;
  boost::json::object input;  // as stored: the text of a direct message is sealed
  std::string text_hash;
  model::ActionStatus status = model::ActionStatus::pending;
  std::string hold;  // of a pending one: approval, time; empty: due
  Instant due_at{};
  Instant planned_at{};  // when it was to be done, before any rule put it off
  std::optional<Instant> expires_at;
  bool is_late_reported = false;
  std::int64_t tries = 0;
  std::int64_t looks = 0;
  std::optional<Instant> sent_at;       // of the first try
  std::optional<Instant> last_sent_at;  // of the newest
  // When its request ended, or at the latest can have: unanswered ones may go on being carried out.
  std::optional<Instant> last_ended_at;
  std::optional<Instant> retry_at;  // the platform asked for no more before then, whatever anybody plans
  std::string result;               // JSON
  std::string error;                // JSON {code, message}
  std::string result_id;
  std::optional<Instant> superseded_at;
  std::string approved_by;
  bool by_hand = false;
  std::string depends_on;  // id of the attempt before it in a thread of posts
  std::string requested_by;
  std::string request_key;
  std::string request_hash;
  std::string worker;
  Instant attempted_at{};
  std::optional<Instant> completed_at;
  std::optional<std::int64_t> duration_ms;
  std::optional<Instant> verify_at;
  std::string verification_id;
  // What the newest look at the platform said; absent: nobody has looked.
  std::optional<bool> is_verified;
  std::optional<double> confidence;  // 0: it could not be told
};

// In the shape of what an attempt keeps as JSON: what was to be sent, and why it went wrong.
struct KeptPoll {
  std::vector<std::string> options;
  std::int64_t open_for_seconds = 0;
  bool multiple = false;
};
struct KeptFile {
  std::string name, media_type, alt_text;
};
struct KeptInput {
  std::optional<std::string> text, text_hash, spoiler_text, visibility, language, quote_policy, channel,
      quoted_id, link;
  std::optional<bool> sensitive;
  std::optional<Instant> scheduled_at;
  std::optional<KeptPoll> poll;
  std::optional<std::vector<KeptFile>> media;
  std::optional<std::string> media_hash;
};
struct KeptResult {
  std::optional<std::string> url;  // of what was made
};
struct KeptError {
  std::string code, message;
};

// SHA-256 of the text in NFC, trimmed, white space collapsed; hexadecimal. Empty for no text.
std::string text_hash_of(std::string_view text);

// The draft as the document's `input`, with textHash; media are listed by name only. The text of a direct
// message is sealed for the attempt. `invalid` for a visibility that only messages have.
Result<boost::json::object> draft_to_input(const connect::Draft& draft, model::ActionType type,
                                           const AttemptId& id, const SecretBox& box);
// Back again, without the bytes of media.
Result<connect::Draft> input_to_draft(const boost::json::object& input, const AttemptId& id,
                                      const SecretBox& box);

// What may stand open, and what may have been done, only once; empty: any number of times.
struct Guards {
  std::string open;
  std::string done;
};
Guards guards_of(const Attempt& attempt);

// The action that the rules judge.
Action action_of(const Attempt& attempt, connect::Draft draft);

// For the API and for programs; without the text of direct messages.
boost::json::object to_json(const Attempt& attempt);

}  // namespace linnet::act

namespace linnet::record {

template <>
const Entity& entity_of<act::KeptPoll>();
template <>
const Entity& entity_of<act::KeptFile>();
template <>
const Entity& entity_of<act::KeptInput>();
template <>
const Entity& entity_of<act::KeptResult>();
template <>
const Entity& entity_of<act::KeptError>();
template <>
const Entity& entity_of<act::Attempt>();

}  // namespace linnet::record
