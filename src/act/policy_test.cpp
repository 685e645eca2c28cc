#include "act/policy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "act/policy_fixture.hpp"

namespace linnet::act {
namespace {

using model::ActionType;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

RC_GTEST_PROP(Policy, LetsThroughWhatNoRuleMinds, ()) {
  auto action = action_of_type(*any_type());
  action.by_hand = true;
  RC_ASSERT(outcome(action, calm()).decision == Decision::allow);
}

bool is_undo(ActionType type) {
  return kind_of(type) == Kind::undo || type == ActionType::unfollow;
}

RC_GTEST_PROP(Policy, NeverDealsWithWhomItMustNot, ()) {
  auto [action, situation] = *anything();
  if (*rc::gen::arbitrary<bool>()) {
    situation.opt_out_reason = "opted out";
  } else {
    situation.block_reason = "blocked";
  }
  if (is_undo(action.type)) return;
  RC_ASSERT(outcome(action, situation).decision == Decision::deny);
}

RC_GTEST_PROP(Policy, NeverWritesFirstWithoutAPerson, ()) {
  auto [action, situation] = *anything();
  situation.has_messages = false;
  situation.is_approved = false;
  action = action_of_type(ActionType::dm_send);
  const auto decision = outcome(action, situation).decision;
  RC_ASSERT(decision == Decision::hold || decision == Decision::deny);
}

RC_GTEST_PROP(Policy, FollowsByHandOnly, ()) {
  auto [action, situation] = *anything();
  action = action_of_type(*rc::gen::element(ActionType::follow, ActionType::unfollow));
  action.by_hand = false;
  RC_ASSERT(outcome(action, situation).decision == Decision::deny);
}

RC_GTEST_PROP(Policy, ReadsMessagesOnlyWithConsent, ()) {
  auto [action, situation] = *anything();
  action = action_of_type(ActionType::dm_read);
  situation.consents_to_reading = false;
  RC_ASSERT(outcome(action, situation).decision == Decision::deny);
}

RC_GTEST_PROP(Policy, SendsNothingWhileStopped, ()) {
  auto [action, situation] = *anything();
  situation.is_stopped = true;
  RC_ASSERT(outcome(action, situation).decision != Decision::allow);
}

RC_GTEST_PROP(Policy, SendsNothingForAnAccountInTrouble, ()) {
  auto [action, situation] = *anything();
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      situation.account.is_active = false;
      break;
    case 1:
      situation.account.credential_state = "signed_out";
      break;
    case 2:
      situation.account.needs_human = true;
      break;
    default:
      situation.account.paused_until = kJudgedAt + seconds(1);
  }
  RC_ASSERT(outcome(action, situation).decision != Decision::allow);
}

RC_GTEST_PROP(Policy, DoesNothingExpired, ()) {
  auto [action, situation] = *anything();
  action.expires_at = kJudgedAt - seconds(*rc::gen::inRange(0, 1000));
  RC_ASSERT(outcome(action, situation).decision == Decision::deny);
}

RC_GTEST_PROP(Policy, DoesOnlyWhatThePlatformCan, ()) {
  auto [action, situation] = *anything();
  situation.capabilities = connect::Capabilities{};
  RC_ASSERT(outcome(action, situation).decision == Decision::deny);
}

// The heart of the limits: whatever is let through, one after the other, no hour ever holds more than
// allowed.
RC_GTEST_PROP(Policy, KeepsTheSlidingHour, ()) {
  auto situation = calm();
  auto& settings = situation.account.settings;
  settings.rate_limit = {*rc::gen::inRange<std::int64_t>(1, 8), *rc::gen::inRange<std::int64_t>(1, 5), 3, 4};
  settings.cooldown = {*rc::gen::inRange<std::int64_t>(0, 300), *rc::gen::inRange<std::int64_t>(0, 300), 0,
                       0};
  Instant now = kJudgedAt;
  for (int i = 0; i < 60; ++i) {
    const auto type = *rc::gen::element(ActionType::like, ActionType::boost, ActionType::comment);
    auto action = action_of_type(type);
    action.text_hash = std::to_string(i);
    situation.now = now;
    const auto decision = outcome(action, situation);
    if (decision.decision == Decision::defer) {
      RC_ASSERT(*decision.until > now);
      // At the named moment this rule no longer minds.
      situation.now = *decision.until;
      for (const auto& verdict : judge(action, situation))
        RC_ASSERT(verdict.rule != decision.rule || *verdict.until > *decision.until);
      now = *decision.until;
      continue;
    }
    RC_ASSERT(decision.decision == Decision::allow);
    situation.past.push_back({type, now, "p" + std::to_string(i), action.text_hash});
    now += seconds(*rc::gen::inRange(0, 400));
  }
  for (const auto& first : situation.past) {
    std::int64_t likes = 0;
    std::int64_t comments = 0;
    for (const auto& other : situation.past) {
      if (other.at < first.at || other.at >= first.at + hours(1)) continue;
      (kind_of(other.type) == Kind::like ? likes : comments) += 1;
    }
    RC_ASSERT(likes <= settings.rate_limit.likes);
    RC_ASSERT(comments <= settings.rate_limit.comments);
  }
}

RC_GTEST_PROP(Policy, IsQuietInQuietHours, ()) {
  auto [action, situation] = *anything();
  situation.account.settings.quiet_hours =
      govern::QuietHours{true, 13, 15, "Europe/Berlin"};  // now is 14:00 there
  const auto decision = outcome(action, situation).decision;
  if (model::only_reads(action.type) || is_undo(action.type)) return;
  RC_ASSERT(decision != Decision::allow);
}

RC_GTEST_PROP(Policy, GoesSlowlyWhenNew, ()) {
  auto situation = calm();
  situation.account.settings.warm_up = true;
  const int day = *rc::gen::inRange(0, 8);
  situation.account.acts_since = kJudgedAt - hours(24) * day - minutes(1);
  const int likes = *rc::gen::inRange(0, 25);
  for (int i = 0; i < likes; ++i)
    situation.past.push_back({ActionType::like, kJudgedAt - seconds(40 + i % 10), "x", ""});
  // Those of the days before do not count.
  for (int i = 0; i < 24 * day; ++i)
    situation.past.push_back({ActionType::like, kJudgedAt - hours(2) - hours(i), "x", ""});
  situation.account.settings.rate_limit.likes = 1000;
  constexpr std::array<int, 5> kDays{5, 10, 15, 15, 20};
  const bool is_free = day >= 5 || likes < kDays[static_cast<std::size_t>(day)];
  RC_ASSERT((outcome(action_of_type(ActionType::like), situation).decision == Decision::allow) == is_free);
}

RC_GTEST_PROP(Policy, AsksBeforeTheSameTextGoesToMany, ()) {
  auto situation = calm();
  const int people = *rc::gen::inRange(0, 14);
  for (int i = 0; i < people; ++i)
    situation.past.push_back({ActionType::comment, kJudgedAt - hours(20), "person" + std::to_string(i), "h"});
  const auto decision = outcome(action_of_type(ActionType::comment), situation).decision;
  const auto expected = people >= 10 ? Decision::deny : people >= 3 ? Decision::hold : Decision::allow;
  RC_ASSERT(decision == expected);
}

RC_GTEST_PROP(Policy, SendsNothingUnchecked, ()) {
  auto [action, situation] = *anything();
  if (is_undo(action.type)) return;
  const bool is_gone = *rc::gen::arbitrary<bool>();
  (is_gone ? situation.unreachable : situation.unread) = "it cannot be seen";
  const auto decision = outcome(action, situation);
  RC_ASSERT(decision.decision != Decision::allow);
  if (is_gone) RC_ASSERT(decision.decision == Decision::deny);
}

RC_GTEST_PROP(Policy, DoesNotWriteToWhomTookBackTheirConsent, ()) {
  auto [action, situation] = *anything();
  action = action_of_type(ActionType::dm_send);
  situation.refuses_messages = true;
  RC_ASSERT(outcome(action, situation).decision == Decision::deny);
}

RC_GTEST_PROP(Policy, DoesNothingThatIsSoAlready, ()) {
  auto [action, situation] = *anything();
  situation.is_done_already = true;
  const bool denies = outcome(action, situation).decision == Decision::deny;
  if (model::is_idempotent(action.type)) RC_ASSERT(denies);
}

// After trouble it goes slowly, and never stands still for ever.
RC_GTEST_PROP(Policy, GoesSlowlyAfterTrouble, ()) {
  auto situation = calm();
  const auto limit = *rc::gen::inRange<std::int64_t>(1, 40);
  situation.account.rate_percent = *rc::gen::inRange<std::int64_t>(1, 101);
  situation.account.settings.rate_limit = {limit, limit, limit, limit};
  situation.account.settings.cooldown = {0, 0, 0, 0};
  const auto type =
      *rc::gen::element(ActionType::like, ActionType::comment, ActionType::dm_send, ActionType::publish);
  const auto done = *rc::gen::inRange<std::int64_t>(0, 45);
  for (std::int64_t i = 0; i < done; ++i)
    situation.past.push_back({type, kJudgedAt - minutes(30), "person", "another text"});
  const auto ceiling = std::min<std::int64_t>(limit, [&] {
    const auto most = govern::platform_ceiling("mastodon");
    return type == ActionType::like      ? most.likes
           : type == ActionType::comment ? most.comments
           : type == ActionType::dm_send ? most.dms
                                         : most.posts;
  }());
  const auto allowed = std::max<std::int64_t>(1, ceiling * situation.account.rate_percent / 100);
  const auto decision = outcome(action_of_type(type), situation);
  RC_ASSERT((decision.decision == Decision::allow) == (done < allowed));
  if (done >= allowed) RC_ASSERT(decision.decision == Decision::defer);
}

RC_GTEST_PROP(Policy, ChoosesOnesOwnMomentOnlyOnTime, ()) {
  auto situation = calm();
  situation.account.settings.quiet_hours = govern::QuietHours{true, 13, 15, "Europe/Berlin"};
  auto action = action_of_type(ActionType::publish);
  action.has_own_time = true;
  const int late = *rc::gen::inRange(0, 40);
  action.planned_at = kJudgedAt - minutes(late);
  RC_ASSERT((outcome(action, situation).decision == Decision::allow) == (late < 15));
}

RC_GTEST_PROP(Policy, WritesNothingByItselfInTheFirstThreeDays, ()) {
  auto situation = calm();
  situation.account.settings.warm_up = true;
  const auto age = hours(*rc::gen::inRange(0, 24 * 7));
  if (*rc::gen::arbitrary<bool>()) situation.account.acts_since = kJudgedAt - age;
  const bool is_old = situation.account.acts_since && age >= hours(72);
  const auto type = *rc::gen::element(ActionType::comment, ActionType::dm_send);
  RC_ASSERT((outcome(action_of_type(type), situation).decision == Decision::allow) == is_old);
}

// A thread goes on at once, whatever pace and hours say, as its first post was let through.
RC_GTEST_PROP(Policy, DoesNotTearThreadsApart, ()) {
  auto situation = calm();
  situation.account.settings.quiet_hours = govern::QuietHours{true, 13, 15, "Europe/Berlin"};
  situation.account.settings.warm_up = true;
  situation.account.settings.auto_approve.comments = *rc::gen::arbitrary<bool>();
  situation.account.settings.auto_approve.posts = *rc::gen::arbitrary<bool>();
  for (int i = 0; i < 50; ++i)
    situation.past.push_back({ActionType::publish, kJudgedAt - seconds(1), "", "x"});
  auto part = action_of_type(ActionType::reply);
  part.continues_thread = true;
  const auto expected = situation.account.settings.auto_approve.posts ? Decision::allow : Decision::hold;
  RC_ASSERT(outcome(part, situation).decision == expected);
}

RC_GTEST_PROP(Policy, RestsBetweenActions, ()) {
  auto situation = calm();
  situation.account.settings.cooldown = {30, 60, 120, 240};
  situation.account.settings.rate_limit = {1000, 1000, 1000, 1000};
  const auto type =
      *rc::gen::element(ActionType::like, ActionType::comment, ActionType::dm_send, ActionType::publish);
  const auto rest = type == ActionType::like      ? 30
                    : type == ActionType::comment ? 60
                    : type == ActionType::dm_send ? 120
                                                  : 240;
  const int since = *rc::gen::inRange(0, 400);
  situation.past.push_back({type, kJudgedAt - seconds(since), "person", "another text"});
  RC_ASSERT((outcome(action_of_type(ActionType::like), situation).decision == Decision::allow) ==
            (since >= rest));
}

RC_GTEST_PROP(Policy, DoesNothingOnAPlatformThatIsSwitchedOff, ()) {
  auto [action, situation] = *anything();
  situation.is_platform_on = false;
  const auto verdicts = judge(action, situation);
  RC_ASSERT(decide(verdicts).decision == Decision::deny);
  const auto said = std::find_if(verdicts.begin(), verdicts.end(),
                                 [](const Verdict& verdict) { return verdict.rule == "platform"; });
  RC_ASSERT(said != verdicts.end());
  RC_ASSERT(said->reason == "mastodon is switched off; linnet platform enable mastodon switches it on");
}

RC_GTEST_PROP(Policy, DoesNothingButReadWithASignInToRead, ()) {
  auto [action, situation] = *anything();
  situation.account.scopes = "read";
  if (!model::only_reads(action.type)) RC_ASSERT(outcome(action, situation).decision == Decision::deny);
  situation.account.scopes = "read write:statuses";
  RC_ASSERT(rules::capability(action, situation) == std::nullopt);
}

TEST(Policy, TakesTheStrictestVerdict) {
  EXPECT_EQ(decide({}).decision, Decision::allow);
  const Verdict early{"a", Decision::defer, "", kJudgedAt};
  const Verdict late{"b", Decision::defer, "", kJudgedAt + hours(1)};
  const Verdict hold{"c", Decision::hold, "", {}};
  const Verdict deny{"d", Decision::deny, "", {}};
  EXPECT_EQ(decide({early, late}).rule, "b");
  EXPECT_EQ(decide({late, early}).rule, "b");
  EXPECT_EQ(decide({late, hold, early}).rule, "c");
  EXPECT_EQ(decide({hold, deny, late}).rule, "d");
}

}  // namespace
}  // namespace linnet::act
