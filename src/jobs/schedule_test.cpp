// Times of a schedule: waited for, missed, left out, and asked for before they come.
#include "jobs/job_fixture.hpp"

namespace linnet::jobs {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

const Kind kEachDay{.name = "daily", .title = "Each day", .schedule = "30 12 * * *"};
const Kind kEachDaySkips{
    .name = "skips", .title = "Each day", .schedule = "30 12 * * *", .missed = Missed::skip};
const Kind kEachDayAsks{
    .name = "asks", .title = "Each day", .schedule = "30 12 * * *", .missed = Missed::ask};
const Kind kEachMinuteAndAtStart{
    .name = "minutely", .title = "Each minute", .schedule = "* * * * *", .is_due_at_start = true};
const std::vector<Kind> kWithSchedules{kEachDay, kEachDaySkips, kEachDayAsks, kEachMinuteAndAtStart};

class ScheduleTest : public JobFixture {
 protected:
  Claimer first_{.holder = "first", .kinds = kWithSchedules};
};

TEST_P(ScheduleTest, AScheduleGoesOnInANewRow) {
  keep(kEachDay);
  const auto first = alive(kEachDay);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->due_at, at("2026-08-01T12:30:00Z"));
  EXPECT_FALSE(claimed(*one_, first_));
  clock_.set(at("2026-08-01T12:30:01Z"));
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  ASSERT_TRUE(ended(*one_, *job, kEachDay, {}));
  EXPECT_EQ(this->job(first->id).state, State::done);
  EXPECT_EQ(alive(kEachDay)->due_at, at("2026-08-02T12:30:00Z"));
  EXPECT_NE(alive(kEachDay)->id, first->id);
  keep(kEachDay);
  EXPECT_EQ(all({.kind = "daily"}).size(), 2U);
}

TEST_P(ScheduleTest, ARunWithNothingToDoLeavesNoRow) {
  keep(kEachMinuteAndAtStart);
  for (int i = 0; i < 3; ++i) {
    const auto job = claimed(*one_, first_);
    ASSERT_TRUE(job) << i;
    ASSERT_TRUE(ended(*one_, *job, kEachMinuteAndAtStart, {.how = Ending::How::nothing}));
    EXPECT_EQ(alive(kEachMinuteAndAtStart)->last_run_at, clock_.now());
    EXPECT_FALSE(claimed(*one_, first_));
    clock_.advance(minutes(1));
  }
  EXPECT_EQ(all({.kind = "minutely"}).size(), 1U);
}

TEST_P(ScheduleTest, TimesThatWereMissedAreRunOnceInTheirPlace) {
  keep(kEachDay);
  clock_.set(at("2026-08-04T13:00:00Z"));
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  EXPECT_THAT(job->note, HasSubstr("in place of 1 Aug 2026, 12:30 UTC"));
  ASSERT_TRUE(ended(*one_, *job, kEachDay, {}));
  EXPECT_FALSE(claimed(*one_, first_));
  EXPECT_EQ(alive(kEachDay)->due_at, at("2026-08-05T12:30:00Z"));
}

TEST_P(ScheduleTest, TimesThatWereMissedAreLeftOut) {
  keep(kEachDaySkips);
  clock_.set(at("2026-08-01T12:34:00Z"));
  ASSERT_TRUE(claimed(*one_, first_)) << "a little late is not missed";
  clock_.set(at("2026-08-01T12:00:00Z"));
  ASSERT_TRUE(ended(*one_, *alive(kEachDaySkips), kEachDaySkips, {}));
  clock_.set(at("2026-08-04T13:00:00Z"));
  EXPECT_FALSE(claimed(*one_, first_));
  EXPECT_EQ(alive(kEachDaySkips)->due_at, at("2026-08-05T12:30:00Z"));
  EXPECT_THAT(alive(kEachDaySkips)->note, HasSubstr("left out"));
}

TEST_P(ScheduleTest, OfTimesThatWereMissedAPersonIsAsked) {
  keep(kEachDayAsks);
  clock_.set(at("2026-08-04T13:00:00Z"));
  EXPECT_FALSE(claimed(*one_, first_));
  const auto asking = alive(kEachDayAsks);
  ASSERT_EQ(asking->state, State::asking);
  ASSERT_TRUE(write([&](store::Connection& c) { return run_now(c, asking->id, "ada", clock_.now()); }));
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->asked_by, "ada");
  ASSERT_TRUE(ended(*one_, *job, kEachDayAsks, {}));
  EXPECT_EQ(alive(kEachDayAsks)->asked_by, "");
  // Or says that it is to be left out.
  clock_.set(at("2026-08-09T13:00:00Z"));
  EXPECT_FALSE(claimed(*one_, first_));
  ASSERT_TRUE(
      write([&](store::Connection& c) { return cancel(c, alive(kEachDayAsks)->id, "ada", clock_.now()); }));
  EXPECT_EQ(alive(kEachDayAsks)->state, State::waiting);
  EXPECT_EQ(alive(kEachDayAsks)->due_at, at("2026-08-10T12:30:00Z"));
}

TEST_P(ScheduleTest, WhatIsDueAtEachStartIsDueThen) {
  auto kind = kEachDay;
  kind.is_due_at_start = true;
  keep(kind);
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  ASSERT_TRUE(ended(*one_, *job, kind, {}));
  EXPECT_EQ(alive(kind)->due_at, at("2026-08-01T12:30:00Z"));
  clock_.advance(minutes(1));
  keep(kind);
  EXPECT_EQ(alive(kind)->due_at, clock_.now());
}

TEST_P(ScheduleTest, AnotherScheduleIsTakenUp) {
  keep(kEachDay);
  auto later = kEachDay;
  later.schedule = "45 23 * * *";
  later.zone = "Europe/Berlin";
  keep(later);
  EXPECT_EQ(alive(kEachDay)->due_at, at("2026-08-01T21:45:00Z"));
  EXPECT_EQ(all({.kind = "daily"}).size(), 1U);
}

TEST_P(ScheduleTest, WhatAScheduleWasForGoes) {
  keep(kEachDay, "https://a.example");
  keep(kEachDay, "https://b.example");
  ASSERT_TRUE(write(
      [&](store::Connection& c) { return drop_schedule(c, "daily", "https://a.example", clock_.now()); }));
  EXPECT_FALSE(alive(kEachDay, "https://a.example"));
  EXPECT_TRUE(alive(kEachDay, "https://b.example"));
}

TEST_P(ScheduleTest, OneTimeOfAScheduleIsLeftOut) {
  keep(kEachDay);
  ASSERT_TRUE(
      write([&](store::Connection& c) { return cancel(c, alive(kEachDay)->id, "ada", clock_.now()); }));
  EXPECT_EQ(alive(kEachDay)->due_at, at("2026-08-02T12:30:00Z"));
  const auto again =
      write([&](store::Connection& c) { return cancel(c, alive(kEachDay)->id, "ada", clock_.now()); });
  ASSERT_FALSE(again) << "whoever presses twice leaves out one time";
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_EQ(alive(kEachDay)->due_at, at("2026-08-02T12:30:00Z"));
  // As the program does it every few seconds, also when the clock was set back a little.
  clock_.advance(seconds(-20));
  keep(kEachDay);
  ASSERT_TRUE(write([&](store::Connection& c) { return heed_clock_set_back(c, clock_.now()); }));
  EXPECT_EQ(alive(kEachDay)->due_at, at("2026-08-02T12:30:00Z")) << "and stays left out";
  EXPECT_THAT(alive(kEachDay)->note, HasSubstr("left out by ada"));
  clock_.set(at("2026-08-02T12:30:00Z"));
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->note, "") << "this one was not left out";
}

TEST_P(ScheduleTest, AScheduledJobIsRunAtOnceWhenAskedFor) {
  keep(kEachDay);
  const auto id = one_->within<JobId>(
      [&](store::Connection& c) { return run_kind_now(c, kEachDay, {.asked_by = "ada"}, clock_.now()); });
  ASSERT_TRUE(id);
  EXPECT_EQ(*id, alive(kEachDay)->id);
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  ASSERT_FALSE(write([&](store::Connection& c) { return run_now(c, *id, "bea", clock_.now()); }));
  ASSERT_TRUE(ended(*one_, *job, kEachDay, {}));
  EXPECT_EQ(alive(kEachDay)->due_at, at("2026-08-01T12:30:00Z")) << "its own time stays";
}

TEST_P(ScheduleTest, AKindWithKeysIsAskedForAsAWhole) {
  auto kind = kEachDay;
  kind.has_keys = true;
  const auto ask = [&] {
    return one_->within<JobId>(
        [&](store::Connection& c) { return run_kind_now(c, kind, {.asked_by = "ada"}, clock_.now()); });
  };
  EXPECT_EQ(ask().error().kind, ErrorKind::conflict) << "there is no server yet";
  keep(kind, "https://a.example");
  keep(kind, "https://b.example");
  ASSERT_TRUE(ask());
  EXPECT_EQ(alive(kind, "https://a.example")->due_at, clock_.now());
  EXPECT_EQ(alive(kind, "https://b.example")->asked_by, "ada");
  EXPECT_FALSE(alive(kind, "")) << "nor is there one for nothing";
}

INSTANTIATE_TEST_SUITE_P(Engines, ScheduleTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::jobs
