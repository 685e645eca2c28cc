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

// Whatever else is so: what must hold for each rule holds in every situation.
struct Anything {
  Action action;
  Situation situation;
};

inline rc::Gen<Anything> anything() {
  return rc::gen::exec([] {
    Anything any{action_of_type(*any_type()), calm()};
    auto& situation = any.situation;
    any.action.by_hand = *rc::gen::arbitrary<bool>();
    situation.is_approved = *rc::gen::arbitrary<bool>();
    situation.has_messages = *rc::gen::arbitrary<bool>();
    situation.consents_to_reading = *rc::gen::arbitrary<bool>();
    situation.account.settings.auto_approve = {*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>(),
                                               *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()};
    situation.account.settings.warm_up = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>())
      situation.account.acts_since = kJudgedAt - std::chrono::hours(*rc::gen::inRange(0, 24 * 10));
    if (*rc::gen::arbitrary<bool>())
      situation.account.settings.quiet_hours =
          govern::QuietHours{true, *rc::gen::inRange(0, 24), *rc::gen::inRange(0, 24), "Europe/Berlin"};
    const int count = *rc::gen::inRange(0, 60);
    for (int i = 0; i < count; ++i) {
      situation.past.push_back(
          {*any_type(), kJudgedAt - std::chrono::minutes(*rc::gen::inRange(0, 60 * 24 * 7)),
           std::to_string(*rc::gen::inRange(0, 15)), *rc::gen::element<std::string>("h", "i")});
    }
    return any;
  });
}

}  // namespace linnet::act
