// Every number by which salience is reckoned, as it is set. They stand in the event log whenever they change,
// so that a replay reckons each event by those that held then.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "observe/salience/amount.hpp"
#include "observe/salience/topic_key.hpp"

namespace linnet::salience {

struct Numbers {
  // What is earned.
  Amount message = kOne;
  Amount with_media = 1'200'000;  // times, with media or a link
  Amount mention = 2 * kOne;
  Amount reply = 1'500'000;
  Amount thread_created = 2 * kOne;
  Amount direct_message = 1'500'000;
  Amount reaction = 500'000;
  Amount emoji = 500'000;
  Amount post = kOne;
  Amount hashtag = 500'000;
  Amount post_reply = kOne;
  Amount boost = 500'000;
  Amount subject = 5 * kOne;
  Amount subject_least = 500'000;  // beside the importance, from 0 to 1, by which it is multiplied
  Amount subjects_a_run = 3 * kOne;
  Amount role_share = 100'000;  // of what a message earns its author
  Amount self_mention = 5 * kOne;
  Amount self_name = 3 * kOne;

  // The most that a topic has.
  Amount cap_user = 100 * kOne;
  Amount cap_global_user = 150 * kOne;
  Amount cap_channel = 150 * kOne;
  Amount cap_thread = 50 * kOne;
  Amount cap_role = 80 * kOne;
  Amount cap_dyad = 80 * kOne;
  Amount cap_user_in_channel = 40 * kOne;
  Amount cap_subject = 60 * kOne;
  Amount cap_emoji = 60 * kOne;
  Amount cap_self = 100 * kOne;
  Amount cap_hashtag = 80 * kOne;
  Amount cap_account = 100 * kOne;

  // What related topics get of it.
  Amount propagation = 300'000;
  Amount spill = 500'000;
  Amount propagated_to = 20 * kOne;  // topics
  Amount warm_above = kOne;
  Amount warmth = 5 * kOne;

  // How it goes.
  Amount idle_days = 7 * kOne;
  Amount decay = 10'000;        // of the balance, a day
  Amount gone_below = 100'000;  // what decays below this goes
  Amount token_cost = 1'000;
  Amount retained = 1'500'000;     // times the cost
  Amount retained_most = 500'000;  // of the balance before

  // Choosing what to think about.
  Amount budget = 100 * kOne;  // of a server and run
  Amount budget_self = 20 * kOne;
  Amount share_social = 300'000;
  Amount share_global = 150'000;
  Amount share_spaces = 300'000;
  Amount share_semantic = 150'000;
  Amount share_culture = 100'000;
  Amount least_balance = 10 * kOne;
  Amount estimate_user = 10 * kOne;
  Amount estimate_dyad = 8 * kOne;
  Amount estimate_channel = 15 * kOne;
  Amount estimate_thread = 5 * kOne;
  Amount estimate_subject = 12 * kOne;
  Amount estimate_hashtag = 8 * kOne;
  Amount estimate_account = 8 * kOne;
  Amount estimate_emoji = 5 * kOne;
  Amount estimate_self = 20 * kOne;
  Amount estimate_role = 10 * kOne;
  Amount estimate_user_in_channel = 6 * kOne;

  friend bool operator==(const Numbers&, const Numbers&) = default;
};

struct Settings {
  Numbers numbers;
  std::map<std::string, Amount, std::less<>> focus;            // of servers, and of instances by their host
  std::map<std::string, std::string, std::less<>> gate_roles;  // of servers: who lacks it is nobody by name
  std::vector<std::string> self_ids;                           // accounts that Linnet itself writes from
  std::vector<std::string> self_names;                         // what it is called, folded

  [[nodiscard]] Amount focus_of(std::string_view server) const;
  [[nodiscard]] bool is_self(std::string_view user) const;
  friend bool operator==(const Settings&, const Settings&) = default;
};

// One number by its name: "cap_channel".
struct NamedNumber {
  std::string_view name;
  Amount Numbers::*member;
};
std::span<const NamedNumber> every_number();

Amount cap_of(const Numbers& numbers, Category category, bool is_global);
Amount estimate_of(const Numbers& numbers, Category category);

// "message=1.5, cap_channel=200, focus.SERVER=2, gate_role.SERVER=ROLE, self_id=ID, self_name=Ada": what is
// not said is as above. `invalid` names what was expected.
Result<Settings> parse_salience_settings(std::string_view text);

// All of it in that form, in one order: equal texts for equal settings.
std::string to_text(const Settings& settings);

}  // namespace linnet::salience
