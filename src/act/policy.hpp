// Whether an action may leave: a list of small rules, each a pure function from the action and what is known
// to a verdict with its reason. No database, no clock, no network.
#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.hpp"
#include "base/instant.hpp"
#include "connect/acting_connector.hpp"
#include "govern/account_settings.hpp"
#include "model/action.hpp"

namespace linnet::act {

enum class Decision { allow, hold, defer, deny };
BOOST_DESCRIBE_ENUM(Decision, allow, hold, defer, deny)
std::string_view to_string(Decision decision);

struct Verdict {
  std::string_view rule;
  Decision decision = Decision::allow;
  std::string reason;            // safe to show; holds no content
  std::optional<Instant> until;  // of defer: when to ask again
};

// What somebody wants done.
struct Action {
  model::ActionType type{};
  model::TargetType target_type{};
  std::string target_id;
  std::string target_user_id;  // of the person it reaches; empty where nobody in particular
  std::string text_hash;       // empty without text
  connect::Draft draft;
  bool by_hand = false;           // a person asked for this one action
  bool has_own_time = false;      // a person named the moment
  Instant planned_at{};           // that moment
  bool continues_thread = false;  // goes right after the post before it, with that post's leave
  std::optional<Instant> expires_at;
};

// Something the account did, or is doing.
struct PastAction {
  model::ActionType type{};
  Instant at{};
  std::string target_user_id;
  std::string text_hash;
};

struct AccountView {
  std::string platform;
  bool is_active = true;
  std::optional<std::string> scopes;  // what the sign-in allows, as the platform names it; absent: not known
  std::string credential_state = "ok";
  std::optional<Instant> paused_until;
  std::string pause_reason;
  bool needs_human = false;
  std::int64_t rate_percent = 100;
  std::optional<Instant> acts_since;  // of its first action
  govern::AccountSettings settings;
};

// All that the rules look at besides the action.
struct Situation {
  Instant now{};
  bool is_stopped = false;  // the emergency stop
  bool is_platform_on = true;
  AccountView account;
  std::optional<connect::Capabilities> capabilities;  // unknown until the connector has said it once
  std::optional<connect::PlatformLimits> limits;
  bool is_server_unread = false;            // it never said what it takes
  std::string message_prefix;               // what goes out before the text: "@bob " of a message on Mastodon
  std::optional<std::string> block_reason;  // a blocklist entry that fits, in words
  std::optional<std::string> opt_out_reason;  // the person does not want to be dealt with, in words
  // What had to be looked at and could not be, in words: it is asked again before anything leaves.
  std::optional<std::string> unread;
  std::optional<std::string> unreachable;  // the platform says that the target is not there, in words
  bool consents_to_reading = false;        // dm_read
  bool refuses_messages = false;           // a dm_contact consent that was revoked
  bool has_messages = false;               // with that person, in either direction
  bool is_done_already = false;            // the platform shows the effect
  bool is_approved = false;                // by a person, for this very text
  bool is_approved_unseen = false;         // by whoever asked for it, before any rule had spoken
  std::vector<PastAction> past;            // of the last seven days, in any order
};

using Rule = std::optional<Verdict> (*)(const Action&, const Situation&);

// Every rule in the order in which they are asked.
struct NamedRule {
  std::string_view name;
  std::string_view asks;  // for people
  Rule rule;
};
const std::vector<NamedRule>& all_rules();

// The rule whose «no» is a success: the platform shows the effect already.
inline constexpr std::string_view kAlreadyDone = "already_done";

// One verdict for each rule that has something to say, in order; silent rules allow.
std::vector<Verdict> judge(const Action& action, const Situation& situation);
// What they come to: deny before hold before defer (the latest moment) before allow.
Verdict decide(const std::vector<Verdict>& verdicts);

// The classes that limits, cool-downs and approval speak of.
enum class Kind { like, comment, dm, post, read, undo, follow };
Kind kind_of(model::ActionType type);
// Every post of a thread is a post.
Kind kind_of(const Action& action);

// How many of a kind were sent within the last hour, and how many may be.
struct Pace {
  std::string_view kind;
  std::int64_t sent = 0;
  std::int64_t allowed = 0;
};
std::vector<Pace> paces(const Situation& situation);

}  // namespace linnet::act
