#include "act/policy.hpp"

#include <algorithm>

#include "act/policy_rules.hpp"

namespace linnet::act {

std::string_view to_string(Decision decision) {
  switch (decision) {
    case Decision::allow:
      return "allow";
    case Decision::hold:
      return "hold";
    case Decision::defer:
      return "defer";
    case Decision::deny:
      return "deny";
  }
  return "";
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
      {"emergency_stop", rules::emergency_stop},
      {"platform", rules::platform},
      {"account_active", rules::account_active},
      {"expiry", rules::expiry},
      {"capability", rules::capability},
      {"target", rules::target},
      {"opt_out", rules::opt_out},
      {"blocklist", rules::blocklist},
      {"consent", rules::consent},
      {"already_done", rules::already_done},
      {"by_hand", rules::by_hand},
      {"channel_limits", rules::channel_limits},
      {"duplicate_text", rules::duplicate_text},
      {"approval", rules::approval},
      {"circuit_breaker", rules::circuit_breaker},
      {"quiet_hours", rules::quiet_hours},
      {"warm_up", rules::warm_up},
      {"rate_limit", rules::rate_limit},
      {"cool_down", rules::cool_down},
  };
  return rules;
}

std::vector<Verdict> judge(const Action& action, const Situation& situation) {
  std::vector<Verdict> verdicts;
  for (const auto& [name, rule] : all_rules()) {
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
