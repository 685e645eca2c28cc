#include "act/policy.hpp"

#include <algorithm>

#include "act/policy_rules.hpp"
#include "base/enum_names.hpp"

namespace linnet::act {

std::string_view to_string(Decision decision) {
  return enum_name(decision);
}

Kind kind_of(model::ActionType type) {
  using enum model::ActionType;
  switch (type) {
    case like:
    case boost:
      return Kind::like;
    case comment:
    case reply:
      return Kind::comment;
    case dm_send:
      return Kind::dm;
    case publish:
    case edit_post:
      return Kind::post;
    case dm_read:
    case extract_stats:
      return Kind::read;
    case unlike:
    case unboost:
    case delete_comment:
    case delete_post:
      return Kind::undo;
    case follow:
    case unfollow:
      return Kind::follow;
  }
  return Kind::read;
}

Kind kind_of(const Action& action) {
  return action.continues_thread ? Kind::post : kind_of(action.type);
}

const std::vector<NamedRule>& all_rules() {
  static const std::vector<NamedRule> rules{
      {"emergency_stop", "Is everything stopped?", rules::emergency_stop},
      {"platform", "Is the platform switched on?", rules::platform},
      {"account_active", "Is the account on, and signed in?", rules::account_active},
      {"expiry", "Is it too late for it?", rules::expiry},
      {"capability", "Can the platform do it, and does the sign-in cover it?", rules::capability},
      {"target", "Is whom or what it is about there, and could it be looked at?", rules::target},
      {"opt_out", "Does the person want to be left alone?", rules::opt_out},
      {"blocklist", "Does the blocklist name the person, the post, its words or its links?",
       rules::blocklist},
      {"consent", "Did the person agree to their messages being read?", rules::consent},
      {"already_done", "Is it so already? Then it is done without sending anything.", rules::already_done},
      {"by_hand", "Following: does a person ask for this one?", rules::by_hand},
      {"channel_limits", "Does the server take a text, files, a poll like these?", rules::channel_limits},
      {"duplicate_text", "Did the same text go to many people, or out within a day?", rules::duplicate_text},
      {"approval", "Does it wait for a person's word? A first message always does.", rules::approval},
      {"circuit_breaker", "Does the account rest after trouble?", rules::circuit_breaker},
      {"quiet_hours", "Is it a quiet hour?", rules::quiet_hours},
      {"warm_up", "Is the account too new for so much?", rules::warm_up},
      {"rate_limit", "Is the hour's limit used up?", rules::rate_limit},
      {"cool_down", "Is it too soon after the last one?", rules::cool_down},
  };
  return rules;
}

std::vector<Verdict> judge(const Action& action, const Situation& situation) {
  std::vector<Verdict> verdicts;
  for (const auto& [name, asks, rule] : all_rules()) {
    if (auto verdict = rule(action, situation)) {
      verdict->rule = name;
      verdicts.push_back(std::move(*verdict));
    }
  }
  return verdicts;
}

Verdict decide(const std::vector<Verdict>& verdicts) {
  const auto rank = [](const Verdict& verdict) {
    switch (verdict.decision) {
      case Decision::deny:
        return 3;
      case Decision::hold:
        return 2;
      case Decision::defer:
        return 1;
      case Decision::allow:
        return 0;
    }
    return 0;
  };
  Verdict strictest{"", Decision::allow, "no rule stands in the way", {}};
  for (const auto& verdict : verdicts) {
    const bool is_later_deferral =
        rank(verdict) == 1 && rank(strictest) == 1 && verdict.until > strictest.until;
    if (rank(verdict) > rank(strictest) || is_later_deferral) strictest = verdict;
  }
  return strictest;
}

}  // namespace linnet::act
