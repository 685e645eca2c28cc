// What goes out: once, in order, verified, on a platform that loses requests.
#include "act/gate_fixture.hpp"

namespace linnet::act {
namespace {

using model::ActionStatus;
using model::ActionType;

class DispatcherTest : public GateFixture {};

TEST_P(DispatcherTest, PublishesVerifiesAndAudits) {
  start();
  const auto requested = gate_->request(publish("Hello"), ada_, false);
  ASSERT_TRUE(requested) << requested.error().safe;
  const auto& attempt = requested->attempts.front();
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  for (int i = 0; i < 1000; ++i) {
    auto reader = (*database_)->reader();
    if (verifications_of(**reader, attempt.id)->size() == 2) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  auto reader = (*database_)->reader();
  const auto looks = verifications_of(**reader, attempt.id).value();
  ASSERT_EQ(looks.size(), 2);
  EXPECT_TRUE(looks.front().is_verified);
  EXPECT_EQ(looks.front().confidence, 0.95);
  EXPECT_EQ(reload(attempt).verification_id, looks.back().id);
  EXPECT_EQ(platform_.effects().at("publish acc-1 Hello"), 1);
  expect_whole_audit();
}

TEST_P(DispatcherTest, RefusesWhatIsUnderWayOrDone) {
  ASSERT_TRUE(gate_->request(on_post(ActionType::like, "1"), ada_, false));
  const auto twice = gate_->request(on_post(ActionType::like, "1"), ada_, false);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::conflict);
  start();
  auto reader = (*database_)->reader();
  const auto like = list_attempts(**reader, {}).value().front();
  EXPECT_EQ(wait_until_final(like), ActionStatus::success);
  EXPECT_FALSE(gate_->request(on_post(ActionType::like, "1"), ada_, false));
  // Another comment on the same post is fine, the same comment is not.
  const auto first = gate_->request(on_post(ActionType::comment, "1", "Nice"), ada_, false);
  ASSERT_TRUE(first) << first.error().safe;
  EXPECT_EQ(wait_until_final(first->attempts.front()), ActionStatus::success);
  EXPECT_TRUE(gate_->request(on_post(ActionType::comment, "1", "Very nice"), ada_, false));
  EXPECT_FALSE(gate_->request(on_post(ActionType::comment, "1", " Nice  "), ada_, false));
}

TEST_P(DispatcherTest, LikesAgainAfterTakingItBack) {
  start();
  const auto act = [&](ActionType type) {
    auto action = on_post(type, "7");
    action.by_hand = true;
    const auto requested = gate_->request(action, ada_, false);
    EXPECT_TRUE(requested) << requested.error().safe;
    return requested ? wait_until_final(requested->attempts.front()) : ActionStatus::failed;
  };
  EXPECT_EQ(act(ActionType::like), ActionStatus::success);
  EXPECT_EQ(act(ActionType::unlike), ActionStatus::success);
  EXPECT_EQ(act(ActionType::like), ActionStatus::success);
  auto reader = (*database_)->reader();
  EXPECT_EQ(store::query_text(**reader, "SELECT engagement_status FROM post_engagements WHERE post_id = '7'")
                .value(),
            "liked");
}

TEST_P(DispatcherTest, AFirstMessageWaitsForAPersonWhateverIsSet) {
  const std::string text = "Good morning, Bea";  // long enough not to turn up in sealed bytes by chance
  auto message = on_post(ActionType::dm_send, "bea", text);
  message.target_type = model::TargetType::user;
  message.approve = true;
  const auto requested = gate_->request(message, ada_, false);
  ASSERT_TRUE(requested);
  EXPECT_EQ(requested->attempts.front().hold, "approval");
  ASSERT_FALSE(requested->approval_id.empty());
  // Its text is nowhere in clear.
  auto reader = (*database_)->reader();
  EXPECT_EQ(store::query_integer(**reader, "SELECT COUNT(*) FROM action_attempts WHERE input LIKE $1",
                                 {"%" + text + "%"})
                .value(),
            0);
  EXPECT_EQ(gate_->draft_of(reload(requested->attempts.front()))->text, text);
  EXPECT_EQ(gate_->decide(requested->approval_id, Word::approve, {}, "", bo_).error().kind,
            ErrorKind::denied);
  start();
  ASSERT_TRUE(gate_->decide(requested->approval_id, Word::approve, "Hello!", "", ada_));
  EXPECT_EQ(wait_until_final(requested->attempts.front()), ActionStatus::success);
  EXPECT_EQ(platform_.effects().at("dm_send bea Hello!"), 1);
  EXPECT_EQ(gate_->decide(requested->approval_id, Word::reject, {}, "", ada_).error().kind,
            ErrorKind::conflict);
}

TEST_P(DispatcherTest, ThePlatformIsAskedWhoIsReached) {
  connect::Target known;
  known.author_id = "gone";
  platform_.set_target("thread-9", known);
  auto message = on_post(ActionType::dm_send, "thread-9", "Hi");
  message.target_type = model::TargetType::dm_thread;
  message.target_user_id.clear();
  const auto requested = gate_->request(message, ada_, false);
  ASSERT_TRUE(requested) << requested.error().safe;
  start();
  ASSERT_TRUE(gate_->decide(requested->approval_id, Word::approve, {}, "", ada_));
  EXPECT_EQ(wait_until_final(requested->attempts.front()), ActionStatus::skipped);
  known.author_id.clear();
  known.mentioned = {{"gone", "gone", ""}};
  platform_.set_target("acc-1", known);
  const auto post = gate_->request(publish("hi @somebody"), ada_, false);
  ASSERT_TRUE(post) << post.error().safe;
  EXPECT_EQ(wait_until_final(post->attempts.front()), ActionStatus::skipped);
  EXPECT_TRUE(platform_.effects().empty());
}

TEST_P(DispatcherTest, SendsAThreadInOrder) {
  auto action = publish("One");
  action.drafts.emplace_back();
  action.drafts.back().text = "Two";
  action.drafts.emplace_back();
  action.drafts.back().text = "Three";
  const auto requested = gate_->request(action, ada_, false);
  ASSERT_TRUE(requested) << requested.error().safe;
  start();
  for (const auto& attempt : requested->attempts) EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_EQ(reload(requested->attempts[1]).target_id, "publish acc-1 One");
  EXPECT_EQ(reload(requested->attempts[2]).target_id, reload(requested->attempts[1]).result_id);
}

TEST_P(DispatcherTest, StopsEverythingAtOnceAndGoesOnLater) {
  start();
  ASSERT_TRUE(gate_->stop_all(ada_, "drill", false));
  const auto requested = gate_->request(publish("Hello"), ada_, false);
  ASSERT_TRUE(requested);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(platform_.effects().empty());
  EXPECT_EQ(reload(requested->attempts.front()).status, ActionStatus::pending);
  ASSERT_TRUE(gate_->resume_all(ada_));
  EXPECT_EQ(wait_until_final(requested->attempts.front()), ActionStatus::success);
}

TEST_P(DispatcherTest, DoesEverythingOnceOnAPlatformThatLosesRequests) {
  platform_.set_faults({0.15, 0.15, 0.1, 0.1, 0.1});
  std::vector<Attempt> attempts;
  for (int i = 0; i < 40; ++i) {
    auto posted = gate_->request(publish("Post " + std::to_string(i)), ada_, false);
    auto liked = gate_->request(on_post(ActionType::like, std::to_string(i)), ada_, false);
    ASSERT_TRUE(posted && liked);
    attempts.push_back(posted->attempts.front());
    attempts.push_back(liked->attempts.front());
  }
  start();
  const auto effects_of = [&](const Attempt& attempt) {
    const auto draft = gate_->draft_of(attempt).value();
    const auto effects = platform_.effects();
    const auto found = effects.find(std::string(model::to_string(attempt.type)) + " " + attempt.target_id +
                                    " " + draft.text);
    return found == effects.end() ? 0 : found->second;
  };
  for (const auto& attempt : attempts) {
    const auto status = wait_until_final(attempt);
    if (status == ActionStatus::success) {
      EXPECT_EQ(effects_of(attempt), 1);
    } else {
      EXPECT_EQ(status, ActionStatus::failed);
      EXPECT_EQ(effects_of(attempt), 0);
      EXPECT_FALSE(reload(attempt).error.empty());
    }
  }
  expect_whole_audit();
}

TEST_P(DispatcherTest, WhereAMessageIsNotRecognisedALostOneIsNotSentAgainTooSoon) {
  platform_.forget_messages();
  platform_.set_faults({.lost_before = 1});
  auto message = on_post(ActionType::dm_send, "person", "Hello");
  message.target_type = model::TargetType::user;
  message.by_hand = true;
  const auto asked = gate_->request(message, ada_, false).value();
  ASSERT_TRUE(gate_->decide(asked.approval_id, Word::approve, {}, "", ada_));
  const auto post = gate_->request(publish("Hello"), ada_, false).value();
  start();
  const auto is_unknown = [&](const Attempt& attempt) {
    for (int i = 0; i < 1000; ++i) {
      if (reload(attempt).status == ActionStatus::unknown) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
  };
  ASSERT_TRUE(is_unknown(asked.attempts.front()));
  platform_.set_faults({});
  EXPECT_EQ(wait_until_final(post.attempts.front()), ActionStatus::success);
  const auto looks = reload(asked.attempts.front()).looks;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto after = reload(asked.attempts.front());
  EXPECT_EQ(after.status, ActionStatus::unknown) << "it may still be on its way";
  EXPECT_GT(after.looks, looks) << "it was looked for";
  EXPECT_EQ(after.tries, 1);
}

TEST_P(DispatcherTest, TwoProcessesDoEverythingOnce) {
  platform_.set_faults({0.1, 0.1, 0.1, 0, 0.1});
  std::vector<Attempt> attempts;
  for (int i = 0; i < 30; ++i)
    attempts.push_back(gate_->request(publish("Post " + std::to_string(i)), ada_, false)->attempts.front());
  start();
  const auto other = another_process();
  for (const auto& attempt : attempts) {
    const bool is_done = wait_until_final(attempt) == ActionStatus::success;
    const auto effects = platform_.effects();
    const auto found = effects.find("publish acc-1 " + gate_->draft_of(attempt)->text);
    EXPECT_EQ(found == effects.end() ? 0 : found->second, is_done ? 1 : 0);
  }
  expect_whole_audit();
}

TEST_P(DispatcherTest, AnEditCannotRepeatWhatIsDone) {
  start();
  const auto first = gate_->request(on_post(ActionType::comment, "1", "Nice"), ada_, false);
  ASSERT_EQ(wait_until_final(first->attempts.front()), ActionStatus::success);
  execute(R"(UPDATE accounts SET settings = '{"autoApprove":{"comments":false},"warmUp":false}')");
  const auto second = gate_->request(on_post(ActionType::comment, "1", "Very nice"), ada_, false);
  ASSERT_TRUE(second);
  const auto edited = gate_->decide(second->approval_id, Word::approve, "Nice", "", ada_);
  ASSERT_FALSE(edited);
  EXPECT_EQ(edited.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(gate_->decide(second->approval_id, Word::approve, "Quite nice", "", ada_));
}

TEST_P(DispatcherTest, ASecondSuccessIsWrittenDownAllTheSame) {
  start();
  const auto first = gate_->request(on_post(ActionType::comment, "1", "Nice"), ada_, false);
  ASSERT_EQ(wait_until_final(first->attempts.front()), ActionStatus::success);
  dispatcher_.reset();
  const auto second = gate_->request(on_post(ActionType::comment, "1", "Also nice"), ada_, false);
  execute(
      R"(UPDATE action_attempts
         SET guard_done = (SELECT guard_done FROM action_attempts WHERE status = 'success'),
           status = 'unknown', verify_at = 1, tries = 1, last_sent_at = 1, text_hash = (SELECT text_hash
           FROM action_attempts WHERE status = 'success') WHERE status = 'pending')");
  connect::Order order;
  order.type = ActionType::comment;
  order.target_id = "1";
  order.draft.text = "Also nice";
  platform_.perform(order);
  start();
  EXPECT_EQ(wait_until_final(second->attempts.front()), ActionStatus::success);
}

TEST_P(DispatcherTest, WhatCannotBeLookedAtWaits) {
  platform_.set_target(Error::of(ErrorKind::unavailable, "no answer"));
  start();
  const auto requested = gate_->request(on_post(ActionType::like, "1"), ada_, false);
  ASSERT_TRUE(requested);
  EXPECT_TRUE(comes_true([&] { return reload(requested->attempts.front()).hold == "time"; }));
  EXPECT_EQ(reload(requested->attempts.front()).status, ActionStatus::pending);
  EXPECT_TRUE(platform_.effects().empty());
  platform_.set_target(Error::of(ErrorKind::not_found, "no such post"));
  execute("UPDATE action_attempts SET due_at = 1");
  dispatcher_->wake();
  EXPECT_EQ(wait_until_final(requested->attempts.front()), ActionStatus::skipped);
  EXPECT_TRUE(reload(requested->attempts.front()).hold.empty());
}

TEST_P(DispatcherTest, WhomThePlatformNamesIsRemembered) {
  connect::Target target;
  target.author_id = "bea";
  target.author_name = "bea@x.example";
  platform_.set_target(target);
  start();
  auto action = on_post(ActionType::comment, "1", "Nice");
  action.target_user_id.clear();
  const auto requested = gate_->request(action, ada_, false);
  ASSERT_EQ(wait_until_final(requested->attempts.front()), ActionStatus::success);
  EXPECT_EQ(reload(requested->attempts.front()).target_user_id, "bea");
}

TEST_P(DispatcherTest, AThreadGoesOutWholeOrNotAtAll) {
  auto action = publish("One");
  action.drafts.emplace_back();
  action.drafts.back().text = std::string(501, 'x');
  const auto requested = gate_->request(action, ada_, false);
  ASSERT_TRUE(requested);
  start();
  for (const auto& attempt : requested->attempts) EXPECT_EQ(wait_until_final(attempt), ActionStatus::skipped);
  EXPECT_TRUE(platform_.effects().empty());
  const auto part = gate_->retry(requested->attempts[1].id.value(), ada_, true);
  ASSERT_FALSE(part);
  EXPECT_NE(part.error().safe.find(requested->attempts[0].id.value()), std::string::npos);
  const auto whole = gate_->retry(requested->attempts[0].id.value(), ada_, true);
  ASSERT_TRUE(whole) << whole.error().safe;
  EXPECT_EQ(whole->attempts.size(), 2U);
}

TEST_P(DispatcherTest, SigningInAgainIsNoticed) {
  start();
  ASSERT_EQ(wait_until_final(gate_->request(publish("One"), ada_, false)->attempts.front()),
            ActionStatus::success);
  EXPECT_EQ(connectors_made_, 1);
  execute("UPDATE accounts SET credentials = 'others'");
  ASSERT_EQ(wait_until_final(gate_->request(publish("Two"), ada_, false)->attempts.front()),
            ActionStatus::success);
  EXPECT_EQ(connectors_made_, 2);
}

TEST_P(DispatcherTest, ManyFailuresPauseTheAccount) {
  platform_.refuse_all(true);
  start();
  std::vector<Attempt> attempts;
  for (int i = 0; i < 6; ++i)
    attempts.push_back(gate_->request(publish("Post " + std::to_string(i)), ada_, false)->attempts.front());
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(wait_until_final(attempts[static_cast<std::size_t>(i)]), ActionStatus::failed);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(reload(attempts.back()).status, ActionStatus::pending);
  auto reader = (*database_)->reader();
  EXPECT_EQ(store::query_integer(**reader, "SELECT rate_percent FROM accounts WHERE id = 'acc-1'").value(),
            75);
}

TEST_P(DispatcherTest, TakesUpWhatADeadProcessHadInHand) {
  const auto requested = gate_->request(publish("Hello"), ada_, false);
  ASSERT_TRUE(requested);
  const auto id = requested->attempts.front().id.value();
  // It was sent and took effect, and the process died before it could write that down.
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
    return store::run(connection,
                      R"(UPDATE action_attempts
                         SET status = 'in_progress', worker = 'dead', tries = 1, sent_at = 1
                         WHERE id = $1)",
                      {std::string_view(id)});
  }));
  connect::Order order;
  order.type = ActionType::publish;
  order.target_id = "acc-1";
  order.draft.text = "Hello";
  platform_.perform(order);
  start();
  EXPECT_EQ(wait_until_final(requested->attempts.front()), ActionStatus::success);
  EXPECT_EQ(platform_.effects().at("publish acc-1 Hello"), 1);
}

TEST_P(DispatcherTest, ReportsWhatIsLate) {
  auto action = publish("Hello");
  const auto requested = gate_->request(action, ada_, false);
  ASSERT_TRUE(requested);
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection, "UPDATE accounts SET needs_human = 1"));
    return store::run(connection, "UPDATE action_attempts SET planned_at = 1, due_at = 1");
  }));
  start();
  for (int i = 0; i < 1500 && !reload(requested->attempts.front()).is_late_reported; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_TRUE(reload(requested->attempts.front()).is_late_reported);
}

TEST_P(DispatcherTest, ARestrictionSeenWhileReadingStopsTheAccount) {
  platform_.restrict("your account is limited");
  start();
  const auto requested = gate_->request(on_post(ActionType::like, "1"), ada_, false);
  const auto needs_human = [&] {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, "SELECT needs_human FROM accounts WHERE id = 'acc-1'").value() == 1;
  };
  for (int i = 0; i < 1500 && !needs_human(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_TRUE(needs_human());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_TRUE(platform_.effects().empty());
  EXPECT_EQ(reload(requested->attempts.front()).status, ActionStatus::pending);
  expect_whole_audit();
}

TEST_P(DispatcherTest, WhatIsSoAlreadyIsASuccessWithoutSending) {
  connect::Target target;
  target.already_done = true;
  platform_.set_target(target);
  start();
  const auto requested = gate_->request(on_post(ActionType::like, "1"), ada_, false);
  EXPECT_EQ(wait_until_final(requested->attempts.front()), ActionStatus::success);
  EXPECT_NE(reload(requested->attempts.front()).result.find("\"alreadyDone\":true"), std::string::npos);
  EXPECT_TRUE(platform_.effects().empty());
}

TEST_P(DispatcherTest, ASuccessThatIsGoneStandsInNobodysWay) {
  start();
  const auto requested = gate_->request(on_post(ActionType::like, "1"), ada_, false);
  ASSERT_EQ(wait_until_final(requested->attempts.front()), ActionStatus::success);
  platform_.forget_effects();
  for (int i = 0; i < 1500 && !reload(requested->attempts.front()).superseded_at; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_TRUE(reload(requested->attempts.front()).superseded_at);
  EXPECT_TRUE(gate_->request(on_post(ActionType::like, "1"), ada_, false));
}

TEST_P(DispatcherTest, APersonWhoSeesNothingMakesRoomAgain) {
  start();
  const auto requested = gate_->request(on_post(ActionType::like, "1"), ada_, false);
  const auto& attempt = requested->attempts.front();
  ASSERT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_EQ(gate_->request(on_post(ActionType::like, "1"), ada_, false).error().kind, ErrorKind::conflict);
  for (const bool took_effect : {true, false})
    EXPECT_EQ(gate_->confirm(attempt.id.value(), took_effect, ada_).error().kind, ErrorKind::conflict)
        << "nobody asked";
  execute(
      R"(INSERT INTO verification_results (id, action_attempt_id, verified, confidence, method, details,
           verified_at, duration_ms)
         SELECT 'a-look', id, 0, 0.9, 'api_response', '{}', 1, 0 FROM action_attempts)");
  execute("UPDATE action_attempts SET verification_id = 'a-look', verify_at = NULL");
  ASSERT_TRUE(gate_->confirm(attempt.id.value(), false, ada_));
  EXPECT_TRUE(gate_->request(on_post(ActionType::like, "1"), ada_, false));
}

TEST_P(DispatcherTest, WhatCannotBeReadHoldsNothingUp) {
  add_account("acc-3", kFree);
  const auto damaged = gate_->request(
      [&] {
        auto action = on_post(ActionType::dm_send, "someone", "secret");
        action.target_type = model::TargetType::user;
        action.approve = true;
        return action;
      }(),
      ada_, false);
  ASSERT_TRUE(damaged) << damaged.error().safe;
  execute(
      R"(UPDATE action_attempts SET input = '{"textEncrypted":"00"}', hold = '', approved_by = 'ada'
         WHERE action_type = 'dm_send')");
  const auto fine = gate_->request(publish("Fine"), ada_, false);
  start();
  EXPECT_EQ(wait_until_final(fine->attempts.front()), ActionStatus::success);
  EXPECT_EQ(wait_until_final(damaged->attempts.front()), ActionStatus::skipped);
  EXPECT_NE(reload(damaged->attempts.front()).error.find("corrupt"), std::string::npos);
  expect_whole_audit();
}

TEST_P(DispatcherTest, ReportsLatenessWithItsReason) {
  ASSERT_TRUE(gate_->stop_all(ada_, "test", false));
  const auto stopped = gate_->request(publish("Stopped"), ada_, false);
  execute("UPDATE action_attempts SET planned_at = 1000, error = NULL");
  start();
  for (int i = 0; i < 1500 && !reload(stopped->attempts.front()).is_late_reported; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_NE(reload(stopped->attempts.front()).error.find("stopped"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Engines, DispatcherTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
