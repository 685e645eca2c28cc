// Nothing goes out twice, nor what nobody wants any more: slow servers, changes of mind, threads that wait.
#include "act/next_job.hpp"
#include "act/once_fixture.hpp"
#include "act/records.hpp"
#include "act/request_ends.hpp"
#include "connect/account_store.hpp"
#include "govern/account_changes.hpp"

namespace linnet::act {
namespace {

using model::ActionStatus;
using model::ActionType;
using std::chrono::milliseconds;

// The time of day, which somebody sets.
class SetClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return system_.now() - back_.load(); }
  bool sleep_until(Instant deadline, const std::stop_token& stop) override {
    return system_.sleep_until(deadline + back_.load(), stop);
  }
  void set_back(Duration by) { back_ = by; }
  void set_forward(Duration by) { back_ = -by; }

 private:
  SystemClock system_;
  std::atomic<Duration> back_{Duration{0}};
};

TEST_P(Once, ASlowServerGetsAPostOnce) {
  platform_.set_faults({.late = 1, .late_by = milliseconds(300)});
  options_.on_its_way = std::chrono::seconds(20);
  start();
  const auto attempt = ask(publish("Slow"));
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_EQ(reload(attempt).tries, 1);
  EXPECT_EQ(effects_of("publish acc-1 Slow"), 1);
}

TEST_P(Once, TheMarginCountsFromTheEndOfTheRequest) {
  platform_.set_faults({.lost_before = 1});
  options_.on_its_way = milliseconds(400);
  // The request alone takes longer than the margin.
  platform_.while_waiting = [] { std::this_thread::sleep_for(milliseconds(600)); };
  options_.judgement_holds = std::chrono::minutes(1);
  start();
  const auto attempt = ask(publish("Lost"));
  ASSERT_TRUE(comes_true([&] { return reload(attempt).status == ActionStatus::unknown; }));
  ASSERT_TRUE(comes_true([&] { return reload(attempt).looks > 0; }));
  const auto unknown = reload(attempt);
  ASSERT_TRUE(unknown.last_ended_at && unknown.last_sent_at);
  EXPECT_GE(*unknown.last_ended_at - *unknown.last_sent_at, milliseconds(600));
  platform_.set_faults({});
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  const auto done = reload(attempt);
  EXPECT_EQ(done.tries, 2);
  EXPECT_GE(*done.last_sent_at - *unknown.last_ended_at, options_.on_its_way);
}

TEST_P(Once, NobodyWhoSetsTheClockShortensTheMargin) {
  SetClock clock;
  const auto attempt = send_to_slow_server(clock);
  clock.set_forward(std::chrono::minutes(20));
  const auto looks = reload(attempt).looks;
  ASSERT_TRUE(comes_true([&] { return reload(attempt).looks > looks; }));
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_EQ(reload(attempt).tries, 1);
  EXPECT_EQ(effects_of("publish acc-1 Slow"), 1);
  dispatcher_.reset();  // before the clock
}

// By the time of day, and not before the process has lived as long: it may have been set meanwhile.
TEST_P(Once, AfterARestartTheMarginBeginsAnew) {
  SetClock clock;
  const auto attempt = send_to_slow_server(clock);
  dispatcher_.reset();
  clock.set_forward(std::chrono::minutes(20));
  start();
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_EQ(reload(attempt).tries, 1);
  EXPECT_EQ(effects_of("publish acc-1 Slow"), 1);
  dispatcher_.reset();
}

TEST(RequestEnds, CountByTheSteadyClock) {
  using std::chrono::minutes;
  RequestEnds ends;
  const AttemptId here("here");
  const AttemptId before("before");
  ends.ended(here);
  const Instant ended = from_micros(1'000'000'000);
  const auto in = [&](minutes steady, minutes wall) {
    return Moment{ended + wall, RequestEnds::Steady::now() + steady};
  };
  const auto is_over = [&](const AttemptId& id, const Moment& at) {
    return ends.left(id, minutes(5), ended, at) == Duration(0);
  };
  for (const auto& id : {here, before}) {
    EXPECT_FALSE(is_over(id, in(minutes(1), minutes(1000))));
    EXPECT_TRUE(is_over(id, in(minutes(6), minutes(6))));
  }
  EXPECT_TRUE(is_over(here, in(minutes(6), minutes(-60)))) << "set back: the end is known all the same";
  EXPECT_FALSE(is_over(before, in(minutes(6), minutes(-60))));
  ends.forget(here);
  EXPECT_FALSE(is_over(here, in(minutes(6), minutes(-60))));
}

TEST_P(Once, WhatIsSaidToBeDoneWithoutAPlaceIsLookedUp) {
  platform_.set_faults({.nameless = 1, .blind = 1});
  const auto attempts = gate_->request(thread({"One", "Two", "Three"}), ada_, false)->attempts;
  start();
  ASSERT_TRUE(comes_true([&] { return reload(attempts[0]).looks > 0; }));
  EXPECT_EQ(reload(attempts[0]).status, ActionStatus::unknown);
  for (const auto& part : {attempts[1], attempts[2]}) {
    EXPECT_EQ(reload(part).status, ActionStatus::pending);
    EXPECT_NE(reload(part).error.find("whether the post before it is out"), std::string::npos)
        << reload(part).error;
  }
  platform_.set_faults({});
  for (const auto& attempt : attempts) {
    EXPECT_EQ(wait_until_final(attempt), ActionStatus::success) << reload(attempt).error;
    EXPECT_EQ(reload(attempt).error, "");
    EXPECT_FALSE(reload(attempt).result_id.empty());
  }
  EXPECT_EQ(effects_of("publish acc-1 One"), 1);
  expect_whole_audit();
}

TEST_P(Once, WhatIsThereTwiceIsTold) {
  platform_.set_faults({.late = 1, .late_by = milliseconds(400)});
  options_.on_its_way = milliseconds(1);  // too little for this server
  options_.second_look_after = milliseconds(900);
  start();
  const auto attempt = ask(publish("Twice"));
  ASSERT_TRUE(comes_true([&] { return reload(attempt).looks > 0 || reload(attempt).tries > 1; }));
  platform_.set_faults({});
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  ASSERT_TRUE(comes_true([&] { return reload(attempt).error.find("\"twice\"") != std::string::npos; }))
      << reload(attempt).error;
  EXPECT_NE(reload(attempt).result.find("\"copies\""), std::string::npos);
  expect_whole_audit();
}

TEST_P(Once, WhatHadToWaitIsJudgedOnceMoreBeforeItIsSent) {
  auto action = publish("Too late");
  action.expires_at = clock_.now() + milliseconds(1500);
  platform_.while_waiting = [] { std::this_thread::sleep_for(milliseconds(1600)); };
  start();
  const auto attempt = ask(action);
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::skipped);
  EXPECT_NE(reload(attempt).error.find("expiry"), std::string::npos) << reload(attempt).error;
  EXPECT_TRUE(platform_.effects().empty());
}

TEST_P(Once, WhatIsForbiddenWhileItWaitsIsNotSent) {
  std::atomic<bool> is_done{false};
  platform_.while_waiting = [&] {
    if (is_done.exchange(true)) return;
    execute("UPDATE accounts SET is_active = 0");
    std::this_thread::sleep_for(milliseconds(60));
  };
  start();
  const auto attempt = ask(publish("Switched off"));
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::skipped);
  EXPECT_TRUE(platform_.effects().empty());
}

TEST_P(Once, AJudgementGrowsOldWhateverTheClockSays) {
  SetClock clock;
  lanes_clock_ = &clock;
  std::atomic<bool> is_done{false};
  platform_.while_waiting = [&] {
    if (is_done.exchange(true)) return;
    execute("UPDATE accounts SET is_active = 0");
    std::this_thread::sleep_for(milliseconds(60));
    clock.set_back(std::chrono::hours(1));
  };
  start();
  const auto attempt = ask(publish("Switched off"));
  EXPECT_TRUE(
      comes_true([&] { return reload(attempt).error.find("no longer allowed") != std::string::npos; }));
  EXPECT_TRUE(platform_.effects().empty());
  dispatcher_.reset();  // before the clock
}

TEST_P(Once, WhatIsMovedWhileThePlatformIsAskedWaits) {
  const auto later = clock_.now() + std::chrono::hours(1);
  const auto attempt = ask(on_post(ActionType::comment, "1", "Not yet"));
  std::atomic<bool> is_moved{false};
  platform_.while_asked = [&] {
    if (is_moved.exchange(true)) return;
    EXPECT_TRUE(gate_->reschedule(attempt.id.value(), later, ada_));
  };
  start();
  ASSERT_TRUE(comes_true([&] { return is_moved.load(); }));
  let_it_work();
  EXPECT_EQ(reload(attempt).status, ActionStatus::pending);
  EXPECT_EQ(reload(attempt).tries, 0);
  EXPECT_GT(reload(attempt).due_at, clock_.now() + std::chrono::minutes(59));
  EXPECT_TRUE(platform_.effects().empty());
}

// Whom a text reaches was asked about the text before the edit.
TEST_P(Once, WhatIsEditedWhileThePlatformIsAskedIsAskedAnew) {
  const auto attempt = ask(publish("Before"));
  std::atomic<int> asked{0};
  platform_.while_asked = [&] {
    const int times = asked++;
    if (times == 0) execute(R"(UPDATE action_attempts SET input = '{"text":"hi @gone"}')");
    if (times != 1) return;
    connect::Target known;
    known.mentioned = {{"gone", "gone", ""}};
    platform_.set_target("acc-1", known);
  };
  start();
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::skipped) << reload(attempt).error;
  EXPECT_GE(asked, 2);
  EXPECT_TRUE(platform_.effects().empty());
}

// Nobody's plan comes before what the platform asked for.
TEST_P(Once, WhatThePlatformAskedToWaitWaitsWhateverIsPlanned) {
  const auto attempt = ask(publish("Patience"));
  execute("UPDATE action_attempts SET hold = 'time', retry_at = 9000000000000000");
  ASSERT_TRUE(gate_->reschedule(attempt.id.value(), clock_.now(), ada_));
  start();
  let_it_work();
  EXPECT_EQ(reload(attempt).status, ActionStatus::pending);
  EXPECT_EQ(platform_.times_asked(), 0);
  execute("UPDATE action_attempts SET retry_at = 1");
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
}

TEST_P(Once, AThreadThatWaitsAsksNobody) {
  const auto attempts = gate_->request(thread({"One", "Two", "Three"}), ada_, false)->attempts;
  const auto until = clock_.now() + std::chrono::hours(1);
  ASSERT_TRUE(gate_->reschedule(attempts.front().id.value(), until, ada_));
  // As when the quiet hours, or a limit, put off the first alone.
  execute("UPDATE action_attempts SET due_at = 1 WHERE depends_on IS NOT NULL");
  {
    auto reader = (*database_)->reader();
    const auto job = next_job(**reader, connect::AccountId("acc-1"), clock_.now(), {});
    ASSERT_TRUE(job);
    EXPECT_FALSE(job->has_value());
  }
  start();
  let_it_work();
  EXPECT_EQ(platform_.times_asked(), 0);
  EXPECT_EQ(reload(attempts[1]).due_at, from_micros(1)) << "nothing was written either";
  execute("UPDATE action_attempts SET due_at = 1");
  for (const auto& attempt : attempts) EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
}

TEST_P(Once, WhatAPersonConfirmsCarriesItsThreadAlong) {
  const auto attempts = gate_->request(thread({"One", "Two"}), ada_, false)->attempts;
  execute(
      R"(UPDATE action_attempts
         SET status = 'unknown', tries = 1, sent_at = 1, last_sent_at = 1 WHERE depends_on IS NULL)");
  connect::Order order;
  order.type = ActionType::publish;
  order.target_id = "acc-1";
  order.draft.text = "One";
  platform_.perform(order);
  ASSERT_TRUE(gate_->confirm(attempts.front().id.value(), true, ada_));
  start();
  EXPECT_EQ(wait_until_final(attempts[1]), ActionStatus::success) << reload(attempts[1]).error;
  EXPECT_EQ(reload(attempts[1]).target_id, "publish acc-1 One");
}

TEST_P(Once, APersonsWordIsToldToTheThread) {
  const auto attempts = gate_->request(thread({"One", "Two"}), ada_, false)->attempts;
  for (const bool is_there : {true, false}) {
    execute("UPDATE action_attempts SET status = 'unknown', tries = 1, sent_at = 1 WHERE depends_on IS NULL");
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
      return tell_thread(connection, reload(attempts[0]), "the server hung up", clock_.now());
    }));
    ASSERT_NE(reload(attempts[1]).error.find("hung up"), std::string::npos);
    ASSERT_TRUE(gate_->confirm(attempts[0].id.value(), is_there, ada_));
    EXPECT_EQ(reload(attempts[1]).error, "") << is_there;
  }
}

TEST_P(Once, WhereItIsAPersonMaySay) {
  const auto attempts = gate_->request(thread({"One", "Two"}), ada_, false)->attempts;
  const auto& head = attempts.front().id.value();
  execute("UPDATE action_attempts SET status = 'unknown', tries = 1, sent_at = 1 WHERE depends_on IS NULL");
  EXPECT_EQ(gate_->confirm(head, true, ada_, "https://x.example/1").error().kind, ErrorKind::invalid);
  EXPECT_EQ(gate_->confirm(head, false, ada_, "123").error().kind, ErrorKind::invalid);
  ASSERT_TRUE(gate_->confirm(head, true, ada_, "123"));
  start();
  EXPECT_EQ(wait_until_final(attempts[1]), ActionStatus::success) << reload(attempts[1]).error;
  EXPECT_EQ(reload(attempts[1]).target_id, "123");
}

TEST_P(Once, WhereNobodyKnowsTheTailSaysSo) {
  const auto attempts = gate_->request(thread({"One", "Two"}), ada_, false)->attempts;
  execute("UPDATE action_attempts SET status = 'unknown', tries = 1, sent_at = 1 WHERE depends_on IS NULL");
  ASSERT_TRUE(gate_->confirm(attempts.front().id.value(), true, ada_));
  start();
  EXPECT_EQ(wait_until_final(attempts[1]), ActionStatus::skipped);
  EXPECT_NE(reload(attempts[1]).error.find("nobody said"), std::string::npos);
  EXPECT_EQ(gate_->retry(attempts[1].id.value(), ada_, true).error().kind, ErrorKind::conflict);
}

TEST_P(Once, ARestrictionThatEndedIsNotHeededAgain) {
  platform_.restrict("your account is limited");
  start();
  const auto liked = ask(on_post(ActionType::like, "1"));
  const auto needs_human = [&] {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, "SELECT needs_human FROM accounts WHERE id = 'acc-1'").value() == 1;
  };
  ASSERT_TRUE(comes_true(needs_human));
  platform_.restrict("");
  connect::AccountStore accounts(**database_, *writer_, clock_, box_);
  ASSERT_TRUE(accounts.resume(connect::AccountId("acc-1"),
                              govern::account_resumed({"acc-1", "mastodon", "ada", clock_.now()})));
  const auto posted = ask(publish("Free again"));
  EXPECT_EQ(wait_until_final(posted), ActionStatus::success) << reload(posted).error;
  // And what waited goes on at once, not in five minutes.
  EXPECT_EQ(wait_until_final(liked), ActionStatus::success) << reload(liked).error;
  EXPECT_FALSE(needs_human());
}

TEST_P(Once, WhatWasUndoneElsewhereMayBeDoneAgain) {
  options_.second_look_after = std::chrono::hours(1);
  start();
  const auto liked = ask(on_post(ActionType::like, "1"));
  ASSERT_EQ(wait_until_final(liked), ActionStatus::success);
  ASSERT_TRUE(comes_true([&] { return reload(liked).looks > 0; }));
  EXPECT_EQ(gate_->request(on_post(ActionType::like, "1"), ada_, false).error().kind, ErrorKind::conflict);
  platform_.forget_effects();
  const auto again = gate_->request(on_post(ActionType::like, "1"), ada_, false);
  ASSERT_TRUE(again) << again.error().safe;
  EXPECT_EQ(wait_until_final(again->attempts.front()), ActionStatus::success);
  EXPECT_EQ(effects_of("like 1 "), 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, Once, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::act
