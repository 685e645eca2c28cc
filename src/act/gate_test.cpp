// What the gate makes of requests and of people's words; nothing is sent.
#include "act/gate_fixture.hpp"

#include "kit/media.hpp"

namespace linnet::act {
namespace {

using model::ActionStatus;
using model::ActionType;

class GateTest : public GateFixture {};

TEST_P(GateTest, DryRunWritesNothing) {
  const auto requested = gate_->request(publish("Hello"), ada_, true);
  ASSERT_TRUE(requested);
  EXPECT_EQ(requested->decision.decision, Decision::allow);
  auto reader = (*database_)->reader();
  EXPECT_TRUE(list_attempts(**reader, {})->empty());
  EXPECT_TRUE(govern::list_audit(**reader, {})->empty());
}

TEST_P(GateTest, WritesDownWhatItDenies) {
  auto action = on_post(ActionType::like, "1");
  action.target_user_id = "blocked";
  const auto requested = gate_->request(action, ada_, false);
  ASSERT_TRUE(requested);
  EXPECT_EQ(requested->attempts.front().status, ActionStatus::skipped);
  auto reader = (*database_)->reader();
  const auto audit = govern::list_audit(**reader, {}).value();
  ASSERT_EQ(audit.size(), 1);
  EXPECT_EQ(audit.front().event, govern::AuditEvent::policy_block);
  EXPECT_EQ(audit.front().details.at("error").at("code").as_string(), "blocklist");
}

TEST_P(GateTest, OnlyDmSendMakesDirectMessages) {
  for (const auto type : {ActionType::publish, ActionType::reply, ActionType::edit_post}) {
    auto action = on_post(type, "1", "@optedout@x.example hi");
    action.drafts.front().visibility = "direct";
    const auto requested = gate_->request(action, ada_, false);
    ASSERT_FALSE(requested);
    EXPECT_EQ(requested.error().kind, ErrorKind::invalid);
    EXPECT_EQ(requested.error().safe.find("visibility: "), 0U) << requested.error().safe;
  }
  auto reader = (*database_)->reader();
  EXPECT_TRUE(list_attempts(**reader, {})->empty());
}

TEST_P(GateTest, ARequestKeyGivesTheSameAttempts) {
  auto action = publish("Hello");
  action.request_key = "client-1";
  const auto first = gate_->request(action, ada_, false);
  const auto again = gate_->request(action, ada_, false);
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(again->is_repeat);
  EXPECT_EQ(first->attempts.front().id, again->attempts.front().id);
  action.drafts.front().text = "Other";
  EXPECT_EQ(gate_->request(action, ada_, false).error().kind, ErrorKind::conflict);
}

TEST_P(GateTest, AnEditIsJudgedAnew) {
  add_account("acc-2", R"({"autoApprove":{"posts":false}})");
  auto action = publish("Hello");
  action.account = connect::AccountId("acc-2");
  const auto requested = gate_->request(action, ada_, false);
  ASSERT_TRUE(requested);
  const auto edited = gate_->decide(requested->approval_id, Word::approve, "  ", "", ada_);
  ASSERT_FALSE(edited);
  EXPECT_EQ(edited.error().kind, ErrorKind::denied);
  EXPECT_TRUE(gate_->decide(requested->approval_id, Word::reject, {}, "no", ada_));
  EXPECT_EQ(reload(requested->attempts.front()).status, ActionStatus::cancelled);
}

TEST_P(GateTest, CancelsARunWithStop) {
  ASSERT_TRUE(gate_->request(publish("Hello"), ada_, false));
  ASSERT_TRUE(gate_->stop_all(ada_, "wrong text", true));
  auto reader = (*database_)->reader();
  EXPECT_EQ(list_attempts(**reader, {}).value().front().status, ActionStatus::cancelled);
}

// What the platform did is written down even where no rule would have allowed it.
TEST_P(GateTest, APictureWithoutWordsCanBeApproved) {
  add_account("acc-2", R"({"autoApprove":{"posts":false},"warmUp":false})");
  auto action = publish("");
  action.account = connect::AccountId("acc-2");
  action.drafts.front().media.push_back(test::media_file("a.png", "image/png", "first picture", "A harbour"));
  const auto one = gate_->request(action, ada_, false);
  ASSERT_TRUE(one) << one.error().safe;
  action.drafts.front().media.front() = test::media_file("a.png", "image/png", "second picture", "A harbour");
  ASSERT_TRUE(gate_->request(action, ada_, false)) << "another picture is another post";
  EXPECT_FALSE(gate_->request(action, ada_, false)) << "the same picture is the same post";
  const auto approved = gate_->decide(one->approval_id, Word::approve, {}, "", ada_);
  EXPECT_TRUE(approved) << approved.error().safe;
}

TEST_P(GateTest, AnIdOfOneKindIsNotTakenForAnother) {
  auto like = on_post(ActionType::like, "1");
  like.target_type = model::TargetType::user;
  auto message = on_post(ActionType::dm_send, "1", "Hi");
  auto follow = on_post(ActionType::follow, "1");
  for (const auto& action : {like, message, follow}) {
    const auto refused = gate_->request(action, ada_, false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_NE(refused.error().safe.find("target_type"), std::string::npos);
  }
}

TEST_P(GateTest, RetryingKeepsToTheRuleOfHands) {
  auto follow = on_post(ActionType::follow, "bea");
  follow.target_type = model::TargetType::user;
  follow.by_hand = true;
  const auto requested = gate_->request(follow, ada_, false);
  ASSERT_TRUE(requested);
  ASSERT_TRUE(gate_->cancel(requested->attempts.front().id.value(), ada_));
  const auto by_program = gate_->retry(requested->attempts.front().id.value(), ada_, false);
  ASSERT_TRUE(by_program);
  EXPECT_EQ(by_program->decision.decision, Decision::deny);
}

TEST_P(GateTest, WarmUpCountsFromTheFirstRequest) {
  add_account("acc-3", R"({"autoApprove":{"comments":true}})");
  auto comment = on_post(ActionType::comment, "1", "Hello");
  comment.account = connect::AccountId("acc-3");
  const auto requested = gate_->request(comment, ada_, false);
  ASSERT_TRUE(requested);
  EXPECT_EQ(requested->attempts.front().hold, "time");
  auto reader = (*database_)->reader();
  EXPECT_TRUE(store::query_integer(**reader, "SELECT acts_since FROM accounts WHERE id = 'acc-3'").value());
}

TEST_P(GateTest, AThreadIsApprovedAsOneOrNotAtAll) {
  add_account("acc-2", R"({"autoApprove":{"posts":false},"warmUp":false})");
  auto action = publish("One");
  action.account = connect::AccountId("acc-2");
  for (const auto* const text : {"Two", "Three"}) {
    action.drafts.emplace_back();
    action.drafts.back().text = text;
  }
  const auto requested = gate_->request(action, bo_, false).value();
  EXPECT_EQ(gate_->decide_thread(requested.approval_id, Word::approve, "", bo_).error().kind,
            ErrorKind::denied);
  const auto decided = gate_->decide_thread(requested.approval_id, Word::approve, "", ada_);
  ASSERT_TRUE(decided) << decided.error().safe;
  EXPECT_EQ(decided->size(), 3);
  for (const auto& attempt : requested.attempts) {
    EXPECT_EQ(reload(attempt).hold, "");
    EXPECT_EQ(reload(attempt).approved_by, "ada");
  }
  expect_whole_audit();
}

TEST_P(GateTest, WhatIsTakenBackTakesItsThreadAlong) {
  add_account("acc-2", R"({"autoApprove":{"posts":false},"warmUp":false})");
  for (const bool by_rejecting : {true, false}) {
    auto action = publish(by_rejecting ? "One" : "Uno");
    action.account = connect::AccountId("acc-2");
    action.drafts.emplace_back();
    action.drafts.back().text = by_rejecting ? "Two" : "Due";
    const auto requested = gate_->request(action, bo_, false).value();
    if (by_rejecting) {
      ASSERT_TRUE(gate_->decide(requested.approval_id, Word::reject, {}, "", ada_));
    } else {
      ASSERT_TRUE(gate_->cancel(requested.attempts.front().id.value(), ada_));
    }
    EXPECT_EQ(reload(requested.attempts.back()).status, ActionStatus::cancelled);
    auto reader = (*database_)->reader();
    EXPECT_TRUE(list_approvals(**reader, "open", 10)->empty());
  }
}

TEST_P(GateTest, AnApprovalIsFoundByItsActionAsWell) {
  add_account("acc-2", R"({"autoApprove":{"posts":false},"warmUp":false})");
  auto action = publish("One");
  action.account = connect::AccountId("acc-2");
  const auto id = gate_->request(action, bo_, false)->attempts.front().id.value();
  EXPECT_TRUE(gate_->decide(id, Word::approve, {}, "", ada_));
  EXPECT_EQ(gate_->decide(id, Word::approve, {}, "", ada_).error().kind, ErrorKind::conflict);
  EXPECT_EQ(gate_->decide("nothing", Word::approve, {}, "", ada_).error().kind, ErrorKind::not_found);
}

TEST_P(GateTest, AMomentThatHasPassedIsRefused) {
  auto action = publish("Late");
  action.due_at = clock_.now() - std::chrono::hours(1);
  for (const bool dry_run : {true, false}) {
    const auto refused = gate_->request(action, ada_, dry_run);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().safe.find("due_at"), std::string::npos);
  }
  action.due_at = clock_.now() + std::chrono::hours(1);
  const auto requested = gate_->request(action, ada_, false);
  ASSERT_TRUE(requested);
  const auto id = requested->attempts.front().id.value();
  EXPECT_EQ(gate_->reschedule(id, clock_.now() - std::chrono::hours(1), ada_).error().kind,
            ErrorKind::invalid);
}

TEST_P(GateTest, ADryRunTellsOfADuplicate) {
  ASSERT_TRUE(gate_->request(on_post(ActionType::like, "1"), ada_, false));
  const auto again = gate_->request(on_post(ActionType::like, "1"), ada_, true);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->decision.decision, Decision::deny);
  EXPECT_EQ(again->decision.rule, "duplicate");
}

TEST_P(GateTest, WhatHoldsARequestUpIsAudited) {
  add_account("acc-2", R"({"rateLimit":{"likesPerHour":1},"autoApprove":{"likes":true},"warmUp":false})");
  execute(
      R"(INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type,
           target_id, input, status, due_at, planned_at, last_sent_at, attempted_at, requested_by)
         VALUES ('old', 'run', 'mastodon', 'like', 'acc-2', 'post', '9', '{}', 'failed', 0, 0, )" +
      std::to_string(to_micros(clock_.now())) + ", 0, 'ada')");
  auto action = on_post(ActionType::like, "1");
  action.account = connect::AccountId("acc-2");
  const auto requested = gate_->request(action, ada_, false);
  ASSERT_TRUE(requested);
  EXPECT_EQ(requested->decision.decision, Decision::defer) << "a refused like counts as well";
  auto reader = (*database_)->reader();
  const auto audit = govern::list_audit(**reader, {}).value();
  ASSERT_EQ(audit.size(), 2);
  EXPECT_EQ(audit.front().event, govern::AuditEvent::rate_limit_hit);
  EXPECT_EQ(audit.front().details.at("rule"), "rate_limit");
}

TEST_P(GateTest, WhatHasLostItsPicturesIsNotRetried) {
  auto action = publish("Look");
  action.drafts.front().media.push_back(test::media_file("a.png", "image/png", "bytes", "a picture"));
  const auto id = gate_->request(action, ada_, false)->attempts.front().id.value();
  ASSERT_TRUE(gate_->cancel(id, ada_));
  execute("DELETE FROM action_media");
  const auto again = gate_->retry(id, ada_, true);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
}

TEST_P(GateTest, ACommentOfOursIsThereBeforeItIsMade) {
  const auto requested = gate_->request(on_post(ActionType::comment, "7", "Nice"), ada_, false);
  ASSERT_TRUE(requested);
  auto reader = (*database_)->reader();
  EXPECT_EQ(store::query_integer(**reader,
                                 R"(SELECT COUNT(*) FROM comments
                                    WHERE action_attempt_id = $1 AND is_ours = 1 AND post_id = '7'
                                      AND text = 'Nice' AND author_id IS NULL AND account_id = 'acc-1'
                                      AND platform_comment_id IS NULL)",
                                 {std::string_view(requested->attempts.front().id.value())})
                .value(),
            1);
}

INSTANTIATE_TEST_SUITE_P(Engines, GateTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::act
