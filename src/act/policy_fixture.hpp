// Actions and situations for the tests of the rules.
#pragma once

#include <rapidcheck/gtest.h>

#include "act/policy.hpp"
#include "act/policy_rules.hpp"

namespace linnet::act {

inline const Instant kJudgedAt = *parse_iso8601("2026-06-15T12:00:00Z");

inline Action action_of_type(model::ActionType type) {
  Action action;
  action.type = type;
  action.target_type =
      type == model::ActionType::publish ? model::TargetType::account : model::TargetType::post;
  action.target_id = "1";
  action.target_user_id = type == model::ActionType::publish ? "" : "ada";
  if (model::has_text(type)) {
    action.draft.text = "Hello";
    action.text_hash = "h";
  }
  return action;
}

// Nothing stands in the way of anything.
inline Situation calm() {
  Situation situation;
  situation.now = kJudgedAt;
  situation.account.platform = "mastodon";
  situation.account.settings.warm_up = false;
  situation.account.settings.auto_approve = {true, true, true, true};
  situation.consents_to_reading = true;
  situation.has_messages = true;
  return situation;
}

inline rc::Gen<model::ActionType> any_type() {
  return rc::gen::map(rc::gen::inRange(0, model::kActionTypes),
                      [](int i) { return static_cast<model::ActionType>(i); });
}

inline Verdict outcome(const Action& action, const Situation& situation) {
  return decide(judge(action, situation));
}

}  // namespace linnet::act
