// Jobs that run: in threads, once over all processes, stopped, cut off and taken up again.
#include "jobs/runner.hpp"

#include "jobs/job_fixture.hpp"

namespace linnet::jobs {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::HasSubstr;

const Kind kCount{.name = "count", .title = "Counts"};
const Kind kWait{.name = "wait", .title = "Waits until it is told to stop"};
const Kind kTicks{.name = "minutely", .title = "Each minute", .schedule = "* * * * *"};
const Kind kOfServer{.name = "of_server",
                     .title = "Of each server",
                     .schedule = "* * * * *",
                     .has_keys = true,
                     .is_due_at_start = true};

bool eventually(const std::function<bool()>& is_so) {
  for (int i = 0; i < 4'000; ++i) {
    if (is_so()) return true;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return false;
}

Status wait_for_stop(JobContext& context) {
  while (!context.stop().stop_requested()) std::this_thread::sleep_for(milliseconds(1));
  return context.check_stop();
}

class RunnerTest : public JobFixture {
 protected:
  std::unique_ptr<Runner> runner(Process& process, std::vector<BoundKind> kinds, RunnerOptions options = {}) {
    options.tick = milliseconds(5);
    options.look_after_schedules = milliseconds(5);
    auto started =
        Runner::start(*process.database, *process.writer, clock_, std::move(kinds), std::move(options));
    EXPECT_TRUE(started) << started.error().message;
    return std::move(started).value();
  }
};

TEST_P(RunnerTest, RunsWhatIsAskedForAndTellsOfIt) {
  Guarded<std::vector<Job>> told;
  RunnerOptions options;
  options.on_change = [&](const Job& job) { told.with([&](auto& jobs) { jobs.push_back(job); }); };
  const auto running = runner(*one_,
                              {{kCount,
                                [](JobContext& context) -> Status {
                                  LINNET_TRY(const auto input, context.input());
                                  context.progress(1, input.at("to").as_int64());
                                  context.set_result({{"counted", input.at("to")}});
                                  return {};
                                }}},
                              options);
  const auto id = added(kCount, {.input = R"({"to":7})"});
  running->wake();
  ASSERT_TRUE(eventually([&] { return job(id).state == State::done; }));
  EXPECT_EQ(job(id).result, R"({"counted":7})");
  EXPECT_TRUE(eventually([&] { return told.with([](const auto& jobs) { return jobs.size() == 3; }); }));
  told.with([&](const auto& jobs) {
    EXPECT_EQ(jobs[0].state, State::running);
    EXPECT_EQ(jobs[1].total, 7);
    EXPECT_EQ(jobs[2].state, State::done);
  });
}

TEST_P(RunnerTest, TwoProcessesDoEachJobOnce) {
  std::atomic<int> runs{0};
  const BoundKind bound{kCount, [&](JobContext&) -> Status {
                          ++runs;
                          return {};
                        }};
  for (int i = 0; i < 30; ++i) added(kCount, {.key = std::to_string(i)});
  const auto first = runner(*one_, {bound});
  const auto second = runner(*two_, {bound});
  ASSERT_TRUE(eventually([&] { return all({.is_alive = true}).empty(); }));
  EXPECT_EQ(runs, 30);
}

TEST_P(RunnerTest, AnErrorIsKeptAndSaid) {
  const auto running =
      runner(*one_, {{kCount, [](JobContext&) -> Status { return invalid("to: expected a number"); }}});
  const auto id = added(kCount);
  ASSERT_TRUE(eventually([&] { return job(id).state == State::failed; }));
  EXPECT_EQ(job(id).error, "to: expected a number");
}

TEST_P(RunnerTest, WhatAHandlerThrowsEndsItsJobAlone) {
  const auto running = runner(*one_, {{kWait, [](JobContext&) -> Status { throw std::bad_alloc(); }},
                                      {kCount, [](JobContext&) -> Status { return {}; }}});
  const auto id = added(kWait);
  ASSERT_TRUE(eventually([&] { return job(id).state == State::failed; }));
  EXPECT_EQ(job(id).error, "internal error; see the log");
  const auto other = added(kCount);
  EXPECT_TRUE(eventually([&] { return job(other).state == State::done; }));
}

TEST_P(RunnerTest, AJobThatIsCalledOffStops) {
  const auto running = runner(*one_, {{kWait, wait_for_stop}});
  const auto id = added(kWait);
  ASSERT_TRUE(eventually([&] { return job(id).state == State::running; }));
  ASSERT_TRUE(write([&](store::Connection& c) { return cancel(c, id, "ada", clock_.now()); }));
  ASSERT_TRUE(eventually([&] { return job(id).state == State::cancelled; }));
}

TEST_P(RunnerTest, AnotherRunOfTheProgramGoesOnWhereItWas) {
  auto running = runner(*one_, {{kWait, [](JobContext& context) -> Status {
                                   context.keep_position("so far");
                                   return wait_for_stop(context);
                                 }}});
  const auto id = added(kWait);
  ASSERT_TRUE(eventually([&] { return job(id).state == State::running; }));
  running.reset();
  EXPECT_EQ(job(id).state, State::waiting);
  std::atomic<bool> went_on{false};
  running = runner(*two_, {{kWait, [&](JobContext& context) -> Status {
                              went_on = context.job().position == "so far";
                              return {};
                            }}});
  ASSERT_TRUE(eventually([&] { return job(id).state == State::done; }));
  EXPECT_TRUE(went_on);
}

TEST_P(RunnerTest, WhatCannotGoOnSaysWhyWhenTheProgramEnds) {
  auto fragile = kWait;
  fragile.goes_on = false;
  auto running = runner(*one_, {{fragile, wait_for_stop}});
  const auto id = added(fragile);
  ASSERT_TRUE(eventually([&] { return job(id).state == State::running; }));
  running.reset();
  EXPECT_EQ(job(id).state, State::failed);
  EXPECT_THAT(job(id).error, HasSubstr("the program ended"));
}

// Held up for longer than its lease, it finds that another has taken its job.
TEST_P(RunnerTest, WhoLostAJobStopsAndWritesNothingOfIt) {
  std::atomic<int> stopped{0};
  const auto running = runner(*one_, {{kWait, [&](JobContext& context) -> Status {
                                         static_cast<void>(wait_for_stop(context));
                                         ++stopped;
                                         context.set_result({{"by", "the slow one"}});
                                         return {};
                                       }}});
  const auto id = added(kWait);
  ASSERT_TRUE(eventually([&] { return job(id).state == State::running; }));
  let_lease_pass(id);
  const std::vector<Kind> kinds{kWait};
  const auto taken = claimed(*two_, {.holder = "other", .kinds = kinds});
  if (!taken) GTEST_SKIP() << "a sign of life came in between";
  ASSERT_TRUE(eventually([&] { return stopped == 1; }));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(job(id).state, State::running);
  EXPECT_EQ(job(id).holder, "other");
  EXPECT_EQ(job(id).result, "");
}

TEST_P(RunnerTest, ALongJobKeepsItsLease) {
  auto brief = kWait;
  brief.lease = std::chrono::seconds(2);
  const auto running = runner(*one_, {{brief, wait_for_stop}});
  const auto id = added(brief);
  ASSERT_TRUE(eventually([&] { return job(id).state == State::running; }));
  const std::vector<Kind> kinds{brief};
  for (int i = 0; i < 30; ++i) {
    EXPECT_FALSE(claimed(*two_, {.holder = "other", .kinds = kinds}));
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_EQ(job(id).claims, 1);
}

TEST_P(RunnerTest, ALongJobHoldsUpNoOther) {
  const auto running = runner(
      *one_, {{kWait, wait_for_stop}, {kCount, [](JobContext&) -> Status { return {}; }}}, {.threads = 2});
  added(kWait);
  const auto id = added(kCount);
  EXPECT_TRUE(eventually([&] { return job(id).state == State::done; }));
}

TEST_P(RunnerTest, JobsOfOneKindDoNotTakeAllThreads) {
  const auto running = runner(
      *one_, {{kWait, wait_for_stop}, {kCount, [](JobContext&) -> Status { return {}; }}}, {.threads = 3});
  for (const auto* const key : {"a", "b", "c", "d"}) added(kWait, {.key = key});
  const auto id = added(kCount);
  EXPECT_TRUE(eventually([&] { return job(id).state == State::done; }));
}

TEST_P(RunnerTest, SchedulesFollowTheClock) {
  std::atomic<int> runs{0};
  const auto running = runner(*one_, {{kTicks, [&](JobContext& context) -> Status {
                                         ++runs;
                                         context.nothing_to_do();
                                         return {};
                                       }}});
  ASSERT_TRUE(eventually([&] { return alive(kTicks).has_value(); }));
  for (int i = 1; i <= 3; ++i) {
    std::this_thread::sleep_for(milliseconds(15));
    EXPECT_EQ(runs, i - 1);
    clock_.advance(minutes(1));
    ASSERT_TRUE(eventually([&] { return runs == i && alive(kTicks)->state == State::waiting; }));
  }
}

TEST_P(RunnerTest, JobsComeAndGoWithWhatTheyAreFor) {
  std::atomic<int> runs{0};
  const auto running = runner(*one_, {{kOfServer, [&](JobContext& context) -> Status {
                                         ++runs;
                                         return wait_for_stop(context);
                                       }}});
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_FALSE(alive(kOfServer));
  ASSERT_TRUE(running->keep("of_server", "https://a.example"));
  ASSERT_TRUE(eventually([&] { return runs == 1; }));
  ASSERT_TRUE(running->drop("of_server", "https://a.example"));
  ASSERT_TRUE(eventually([&] { return !alive(kOfServer, "https://a.example"); }));
  EXPECT_EQ(all().front().state, State::cancelled);
}

TEST_P(RunnerTest, NobodyRunsWhatNobodyKeepsInThisRunOfTheProgram) {
  keep(kOfServer, "https://a.example");
  std::atomic<int> runs{0};
  const BoundKind bound{kOfServer, [&](JobContext& context) -> Status {
                          ++runs;
                          context.nothing_to_do();
                          return {};
                        }};
  const auto running = runner(*one_, {bound, {kCount, [](JobContext&) -> Status { return {}; }}});
  const auto other = added(kCount);
  ASSERT_TRUE(eventually([&] { return job(other).state == State::done; }));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(runs, 0);
  ASSERT_TRUE(running->keep("of_server", "https://a.example"));
  EXPECT_TRUE(eventually([&] { return runs == 1; }));
}

TEST_P(RunnerTest, ASettingPutsAKindOnAScheduleAndTakesItOff) {
  const auto does = [](JobContext&) -> Status { return {}; };
  auto scheduled = kCount;
  scheduled.schedule = "30 2 * * *";
  {
    const auto running = runner(*one_, {{scheduled, does}});
    ASSERT_TRUE(eventually([&] { return alive(kCount).has_value(); }));
    // Asked for by whoever knows nothing of the setting.
    const auto asked = one_->within<JobId>(
        [&](store::Connection& c) { return run_kind_now(c, kCount, {.asked_by = "ada"}, clock_.now()); });
    ASSERT_TRUE(asked) << asked.error().message;
    ASSERT_TRUE(eventually([&] { return job(*asked).state == State::done; }));
    ASSERT_TRUE(eventually([&] { return alive(kCount) && alive(kCount)->schedule == "30 2 * * *"; }));
  }
  const auto running = runner(*two_, {{kCount, does}});
  EXPECT_FALSE(alive(kCount));
  EXPECT_EQ(all().front().note, "what it was for is gone");
}

TEST_P(RunnerTest, WhatIsDroppedIsNotPutBack) {
  const auto running = runner(*one_, {{kOfServer, [](JobContext& context) -> Status {
                                         context.nothing_to_do();
                                         return {};
                                       }}});
  // While schedules are looked at without a pause.
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(running->keep("of_server", "https://a.example"));
    ASSERT_TRUE(running->drop("of_server", "https://a.example"));
  }
  ASSERT_TRUE(eventually([&] { return !alive(kOfServer, "https://a.example"); }));
  std::this_thread::sleep_for(milliseconds(60));
  EXPECT_FALSE(alive(kOfServer, "https://a.example"));
}

TEST_P(RunnerTest, JobsOfWhatIsGoneAreDroppedAlsoThoseOfAnEarlierRun) {
  const BoundKind bound{kOfServer, [](JobContext& context) -> Status {
                          context.nothing_to_do();
                          return {};
                        }};
  {
    const auto running = runner(*one_, {bound});
    ASSERT_TRUE(running->keep_only("of_server", {"https://a.example", "https://b.example"}));
  }
  const auto running = runner(*two_, {bound});
  ASSERT_TRUE(running->keep_only("of_server", {"https://b.example", "https://c.example"}));
  ASSERT_TRUE(eventually([&] { return !alive(kOfServer, "https://a.example"); }));
  EXPECT_TRUE(alive(kOfServer, "https://b.example"));
  EXPECT_TRUE(alive(kOfServer, "https://c.example"));
}

INSTANTIATE_TEST_SUITE_P(Engines, RunnerTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::jobs
