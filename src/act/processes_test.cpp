// What processes on one database must not do to each other.
#include "act/gate_fixture.hpp"

#include "act/carry_out.hpp"

namespace linnet::act {
namespace {

using model::ActionStatus;

class ProcessesTest : public GateFixture {
 protected:
  // In the hands of a worker whose last sign of life is that old by the database's clock.
  Attempt in_hands_of(const std::string& worker, int seconds_ago) {
    const auto attempt = gate_->request(publish("Of " + worker), ada_, false)->attempts.front();
    const std::string now = GetParam() == store::Engine::postgres
                                ? "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
                                : std::to_string(to_micros(clock_.now()));
    execute("UPDATE action_attempts SET status = 'in_progress', worker = '" + worker +
            "', tries = 1, sent_at = 1, last_sent_at = 1 WHERE id = '" + attempt.id.value() + "'");
    execute("INSERT INTO workers (id, seen_at) VALUES ('" + worker + "', " + now + " - " +
            std::to_string(seconds_ago) + "000000)");
    return attempt;
  }
  ActionStatus after_a_look(const Attempt& attempt, Clock& clock, const DispatcherOptions& options) {
    RequestEnds ends;
    const auto done = adopt_orphans(*writer_, clock, ends, "own", options);
    EXPECT_TRUE(done) << done.error().message;
    return reload(attempt).status;
  }
};

TEST_P(ProcessesTest, AWorkerWhoseCommitIsSlowIsNotTakenForDead) {
  const auto attempt = in_hands_of("slow", 30);
  EXPECT_EQ(after_a_look(attempt, clock_, {}), ActionStatus::in_progress);
  const auto other = in_hands_of("dead", 120);
  EXPECT_EQ(after_a_look(other, clock_, {}), ActionStatus::unknown);
}

TEST_P(ProcessesTest, SignsOfLifeAreJudgedByTheClockOfTheDatabase) {
  if (GetParam() == store::Engine::sqlite) GTEST_SKIP() << "its clock is this machine's";
  const auto attempt = in_hands_of("well", 1);
  ManualClock ahead(clock_.now() + std::chrono::minutes(9));
  EXPECT_EQ(after_a_look(attempt, ahead, {}), ActionStatus::in_progress);
}

TEST_P(ProcessesTest, LeasesTellWhoLivesWhateverTheTablesSay) {
  if (GetParam() == store::Engine::sqlite) GTEST_SKIP() << "one process";
  const auto own = store::Leases::start(**database_).value();
  auto other = store::Leases::start(**database_).value();
  const auto process = other->process();
  const auto attempt = in_hands_of(process, 120);
  DispatcherOptions options;
  options.leases = own.get();
  EXPECT_TRUE(comes_true([&] { return own->is_there(process); }));
  EXPECT_EQ(after_a_look(attempt, clock_, options), ActionStatus::in_progress);
  other.reset();
  EXPECT_TRUE(comes_true([&] { return own->is_gone(process); }));
  EXPECT_EQ(after_a_look(attempt, clock_, options), ActionStatus::unknown);
}

TEST_P(ProcessesTest, WhoIsAloneOnTheDatabaseTakesOverAtOnce) {
  const auto attempt = in_hands_of("before", 1);
  DispatcherOptions options;
  options.is_alone = true;
  EXPECT_EQ(after_a_look(attempt, clock_, options), ActionStatus::unknown);
}

// Raised by another user, for one.
TEST_P(ProcessesTest, AStopThatCannotBeReadKeepsNobodyFromTakingOver) {
  if (GetParam() == store::Engine::postgres) GTEST_SKIP() << "a row, which is read or not";
  const auto attempt = in_hands_of("dead", 120);
  const auto file = (*database_)->description().substr(std::string_view("sqlite:").size()) + ".stop";
  ASSERT_TRUE(std::filesystem::create_directory(file));
  start();
  EXPECT_TRUE(comes_true([&] { return reload(attempt).status == ActionStatus::unknown; }));
  std::filesystem::remove(file);
}

// A program that runs for months must not remember all that it did.
TEST_P(ProcessesTest, WhatSucceededIsNotRememberedAsUnanswered) {
  RequestEnds ends;
  Lane lane{**database_, *writer_, clock_,
            box_,        check_,   options_,
            ends,        "own",    std::make_shared<PretendConnector>(platform_)};
  // Of a request whose end is not remembered the time of day counts as well.
  const auto is_remembered = [&](const Attempt& attempt) {
    const auto now = clock_.now();
    return ends.left(attempt.id, std::chrono::seconds(1), now + std::chrono::hours(1),
                     {now, RequestEnds::Steady::now()}) < std::chrono::hours(1);
  };
  const auto done = gate_->request(publish("Done"), ada_, false)->attempts.front();
  ASSERT_TRUE(carry_out(lane, done.id, {}));
  ASSERT_EQ(reload(done).status, ActionStatus::success);
  EXPECT_FALSE(is_remembered(done));
  platform_.set_faults({.lost_before = 1});
  const auto lost = gate_->request(publish("Lost"), ada_, false)->attempts.front();
  ASSERT_TRUE(carry_out(lane, lost.id, {}));
  ASSERT_EQ(reload(lost).status, ActionStatus::unknown);
  EXPECT_TRUE(is_remembered(lost));
}

// Taken for dead while its request waited for the budget: another process tries it by now.
TEST_P(ProcessesTest, WhatIsInOtherHandsMeanwhileIsNotSent) {
  RequestEnds ends;
  Lane lane{**database_, *writer_, clock_,
            box_,        check_,   options_,
            ends,        "own",    std::make_shared<PretendConnector>(platform_)};
  for (const std::string what : {"worker = 'other'", "tries = tries + 1"}) {
    platform_.while_waiting = [&] {
      execute("UPDATE action_attempts SET " + what + " WHERE status = 'in_progress'");
      std::this_thread::sleep_for(options_.judgement_holds + std::chrono::milliseconds(10));
    };
    const auto attempt = gate_->request(publish("Once, " + what), ada_, false)->attempts.front();
    ASSERT_TRUE(carry_out(lane, attempt.id, {}));
    EXPECT_TRUE(platform_.effects().empty()) << what;
    EXPECT_EQ(reload(attempt).status, ActionStatus::in_progress) << "it is the other's to settle: " << what;
    execute("UPDATE action_attempts SET status = 'skipped' WHERE status = 'in_progress'");
  }
}

// Of two processes one has another key: it cannot read the credentials, and the other can.
TEST_P(ProcessesTest, OneThatCannotReadTheCredentialsPutsOffNothingForTheOther) {
  const auto attempt = gate_->request(publish("Hello"), ada_, false)->attempts.front();
  DispatcherOptions options;
  options.tick = std::chrono::milliseconds(5);
  std::atomic<int> asked{0};
  auto locked_out = Dispatcher::start(
      **database_, *writer_, clock_, box_, *gate_, check_,
      [&](const connect::AccountId&) -> Result<std::shared_ptr<connect::ActingConnector>> {
        ++asked;
        return Error::of(ErrorKind::corrupt, "sealed with another key");
      },
      options);
  ASSERT_TRUE(locked_out);
  for (int i = 0; i < 4000 && (asked == 0 || reload(attempt).error.empty()); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_LE(reload(attempt).due_at, clock_.now());
  EXPECT_NE(reload(attempt).error.find("another key"), std::string::npos) << "and it says why it waits";
  start();
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
}

// Approved in the very request, before any rule had said that it is a repetition.
TEST_P(ProcessesTest, ApprovingWhileAskingKeepsTheRuleForDuplicates) {
  start();
  auto action = publish("Good morning");
  action.approve = true;
  ASSERT_EQ(wait_until_final(gate_->request(action, ada_, false)->attempts.front()), ActionStatus::success);
  const auto again = gate_->request(action, ada_, false);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->decision.decision, Decision::hold);
  EXPECT_EQ(again->decision.rule, "duplicate_text");
  EXPECT_TRUE(again->attempts.front().approved_by.empty());
  const auto decided = gate_->decide(again->approval_id, Word::approve, {}, "", ada_);
  ASSERT_TRUE(decided) << decided.error().message;
  EXPECT_EQ(wait_until_final(again->attempts.front()), ActionStatus::success) << "who has seen it may";
}

INSTANTIATE_TEST_SUITE_P(Engines, ProcessesTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
