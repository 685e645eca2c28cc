// Jobs in the table: who may run them, and what becomes of them.
#include "jobs/job_fixture.hpp"

namespace linnet::jobs {
namespace {

using How = Ending::How;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

const Kind kOnce{.name = "once", .title = "Once"};
const Kind kStubborn{.name = "stubborn", .title = "Tries again", .most_tries = 3};
const Kind kSecret{.name = "secret", .title = "Of somebody", .is_private = true};
const Kind kFragile{.name = "fragile", .title = "Cannot go on", .goes_on = false};
const Kind kLaneA{.name = "lane_a", .title = "A", .lane = "log"};
const Kind kLaneB{.name = "lane_b", .title = "B", .lane = "log"};
const Kind kDaily{.name = "daily", .title = "Each day", .schedule = "30 12 * * *"};
const Kind kMinutely{
    .name = "minutely", .title = "Each minute", .schedule = "* * * * *", .is_due_at_start = true};
const std::vector<Kind> kKinds{kOnce, kStubborn, kSecret, kFragile, kLaneA, kLaneB, kDaily, kMinutely};

class ClaimTest : public JobFixture {
 protected:
  Claimer first_{.holder = "first", .kinds = kKinds};
  Claimer second_{.holder = "second", .kinds = kKinds};
};

TEST_P(ClaimTest, AJobIsTakenByOneOfTwo) {
  const auto id = added(kOnce, {.input = R"({"a":1})", .asked_by = "ada"});
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->id, id);
  EXPECT_EQ(job->input, R"({"a":1})");
  EXPECT_EQ(job->asked_by, "ada");
  EXPECT_FALSE(claimed(*two_, second_));
  const auto done = ended(*one_, *job, kOnce, {.result = R"({"n":2})"});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->state, State::done);
  EXPECT_EQ(this->job(id).result, R"({"n":2})");
  EXPECT_FALSE(claimed(*two_, second_));
}

TEST_P(ClaimTest, ManyJobsAreDoneOnceByTwoAtATime) {
  std::vector<std::string> keys;
  for (int i = 0; i < 40; ++i) added(kOnce, {.key = std::to_string(i)});
  std::atomic<int> done{0};
  const auto work = [&](Process& process, const Claimer& claimer) {
    while (const auto job = claimed(process, claimer)) {
      if (ended(process, *job, kOnce, {})) ++done;
    }
  };
  std::jthread other([&] { work(*two_, second_); });
  work(*one_, first_);
  other.join();
  EXPECT_EQ(done, 40);
  for (const auto& job : all({.kind = "once"})) EXPECT_EQ(job.claims, 1) << job.key;
}

TEST_P(ClaimTest, OneOfAKindAndKeyIsAliveAtATime) {
  const auto id = added(kOnce);
  added(kOnce, {.key = "other"});
  const auto again = one_->within<JobId>(
      [&](store::Connection& connection) { return add(connection, kOnce, {}, clock_.now()); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_THAT(again.error().safe, HasSubstr(std::to_string(id.value())));
  ASSERT_TRUE(
      write([&](store::Connection& connection) { return cancel(connection, id, "ada", clock_.now()); }));
  EXPECT_NE(added(kOnce), id);
}

TEST_P(ClaimTest, WhatIsDueLaterWaits) {
  added(kOnce, {.due_at = clock_.now() + minutes(5)});
  EXPECT_FALSE(claimed(*one_, first_));
  clock_.advance(minutes(5));
  EXPECT_TRUE(claimed(*one_, first_));
}

TEST_P(ClaimTest, AKindThatIsNotKnownHereIsLeftToOthers) {
  added({.name = "of a newer program", .title = ""});
  EXPECT_FALSE(claimed(*one_, first_));
}

TEST_P(ClaimTest, OfOneLaneOneRunsAtATime) {
  added(kLaneA);
  added(kLaneB);
  const auto is_worth_it = [&] {
    auto reader = two_->database->reader();
    return may_claim(**reader, second_, clock_.now()).value();
  };
  EXPECT_TRUE(is_worth_it());
  const auto a = claimed(*one_, first_);
  ASSERT_TRUE(a);
  EXPECT_FALSE(claimed(*two_, second_));
  EXPECT_FALSE(is_worth_it()) << "nor is a transaction begun for it";
  ASSERT_TRUE(ended(*one_, *a, kLaneA, {}));
  const auto b = claimed(*two_, second_);
  ASSERT_TRUE(b);
  EXPECT_EQ(b->kind, "lane_b");
}

// --- cut off

TEST_P(ClaimTest, AJobOfSomebodyWhoWasKilledIsTakenOverAfterTheLeaseAndGoesOn) {
  const auto id = added(kOnce);
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  EXPECT_EQ(beaten(*one_, *job, kOnce, {3, 10, "half", "row 3"}), Held::yes);
  EXPECT_FALSE(claimed(*two_, second_)) << "its lease goes on";
  let_lease_pass(id);
  const auto taken = claimed(*two_, second_);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->position, "row 3");
  EXPECT_EQ(taken->done, 3);
  // Whoever held it was only slow: nothing that it says counts any more.
  EXPECT_EQ(beaten(*one_, *job, kOnce, {9, 10, "", ""}), Held::no);
  EXPECT_FALSE(ended(*one_, *job, kOnce, {}));
  EXPECT_EQ(this->job(id).state, State::running);
  ASSERT_TRUE(ended(*two_, *taken, kOnce, {}));
}

// As after the database was away for longer than leases last, or its clock was set.
TEST_P(ClaimTest, FromOneWhoIsKnownToLiveNothingIsTaken) {
  const auto id = added(kOnce);
  ASSERT_TRUE(claimed(*one_, first_));
  let_lease_pass(id);
  second_.is_there = [](const std::string& holder) { return holder == "first"; };
  EXPECT_FALSE(claimed(*two_, second_));
  second_.is_there = [](const std::string&) { return false; };
  EXPECT_TRUE(claimed(*two_, second_));
}

TEST_P(ClaimTest, TheLeaseIsMeasuredByTheClockOfTheDatabase) {
  added(kOnce);
  ASSERT_TRUE(claimed(*one_, first_));
  clock_.advance(hours(24 * 365));  // somebody set the clock of this machine
  EXPECT_FALSE(claimed(*two_, second_));
  const Kind brief{.name = "brief", .title = "", .lease = std::chrono::milliseconds(30)};
  const std::vector<Kind> kinds{brief};
  added(brief);
  ASSERT_TRUE(claimed(*one_, {.holder = "a", .kinds = kinds}));
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_TRUE(claimed(*two_, {.holder = "b", .kinds = kinds}));
}

TEST_P(ClaimTest, WhoIsAloneTakesOverAtOnce) {
  added(kOnce);
  ASSERT_TRUE(claimed(*one_, first_));
  EXPECT_TRUE(claimed(*two_, {.holder = "anew", .kinds = kKinds, .is_alone = true}));
}

TEST_P(ClaimTest, WhatCannotGoOnSaysSo) {
  const auto id = added(kFragile);
  ASSERT_TRUE(claimed(*one_, first_));
  let_lease_pass(id);
  EXPECT_FALSE(claimed(*two_, second_));
  EXPECT_EQ(job(id).state, State::failed);
  EXPECT_THAT(job(id).error, HasSubstr("ended meanwhile"));
}

TEST_P(ClaimTest, WhatIsCutOffAgainAndAgainIsGivenUp) {
  const auto id = added(kOnce);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(claimed(*one_, first_)) << i;
    let_lease_pass(id);
  }
  EXPECT_FALSE(claimed(*one_, first_));
  EXPECT_EQ(job(id).state, State::failed);
  EXPECT_THAT(job(id).error, HasSubstr("begun 2 times and cut off again"));
}

TEST_P(ClaimTest, WhatIsGivenBackIsTakenUpAgainHoweverOften) {
  added(kOnce);
  for (int i = 0; i < 5; ++i) {
    const auto job = claimed(*one_, first_);
    ASSERT_TRUE(job) << i;
    EXPECT_EQ(job->tries, 1);
    EXPECT_EQ(job->position, i == 0 ? "" : "here");
    ASSERT_TRUE(ended(*one_, *job, kOnce, {.how = How::given_back, .last = {.position = "here"}}));
  }
}

// --- tries

TEST_P(ClaimTest, WhatMayPassByItselfIsTriedAgainLaterAndLater) {
  const auto id = added(kStubborn);
  const auto fail = [&] {
    const auto job = claimed(*one_, first_);
    if (!job) return false;
    return ended(*one_, *job, kStubborn, {.how = How::try_again, .error = "the server is away"}).has_value();
  };
  ASSERT_TRUE(fail());
  EXPECT_EQ(job(id).state, State::waiting);
  EXPECT_EQ(job(id).error, "the server is away");
  EXPECT_FALSE(fail()) << "not at once";
  clock_.advance(minutes(1));
  ASSERT_TRUE(fail());
  clock_.advance(minutes(1));
  EXPECT_FALSE(fail()) << "twice as long";
  clock_.advance(minutes(1));
  ASSERT_TRUE(fail());
  EXPECT_EQ(job(id).state, State::failed) << "three times";
}

TEST_P(ClaimTest, WhatIsPutOffIsNoTry) {
  const auto id = added(kOnce);
  for (int i = 0; i < 4; ++i) {
    const auto job = claimed(*one_, first_);
    ASSERT_TRUE(job);
    ASSERT_TRUE(
        ended(*one_, *job, kOnce,
              {.how = How::put_off, .last = {.note = "not yet"}, .until = clock_.now() + minutes(3)}));
    EXPECT_FALSE(claimed(*one_, first_));
    clock_.advance(minutes(3));
  }
  EXPECT_EQ(job(id).note, "not yet");
  EXPECT_EQ(job(id).state, State::waiting);
  const auto last = claimed(*one_, first_);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->note, "") << "why it waited is not what it does";
}

TEST_P(ClaimTest, OfSomebodyNothingStaysWhenItEnds) {
  const auto id = added(kSecret, {.input = R"({"address":"@ada@example.org"})"});
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  ASSERT_TRUE(ended(*one_, *job, kSecret, {.last = {.position = "ada"}}));
  EXPECT_EQ(this->job(id).input, "{}");
  EXPECT_EQ(this->job(id).position, "");
  const auto waiting = added(kSecret, {.input = R"({"address":"@ada@example.org"})"});
  ASSERT_TRUE(write([&](store::Connection& c) { return cancel(c, waiting, "ada", clock_.now()); }));
  EXPECT_EQ(this->job(waiting).input, "{}");
}

// --- schedules

TEST_P(ClaimTest, OldRowsAreForgotten) {
  keep(kMinutely);
  for (int i = 0; i < 60; ++i) {
    const auto job = claimed(*one_, first_);
    ASSERT_TRUE(job) << i;
    ASSERT_TRUE(ended(*one_, *job, kMinutely, {}));
    clock_.advance(minutes(1));
  }
  EXPECT_EQ(all({.kind = "minutely", .limit = 100}).size(), 51U) << "fifty, and the one that waits";
}

TEST_P(ClaimTest, OldRowsOfWhatWasCalledOffAreForgottenAsWell) {
  for (int i = 0; i < 55; ++i) {
    const auto id = added(kOnce);
    ASSERT_TRUE(write([&](store::Connection& c) { return cancel(c, id, "ada", clock_.now()); }));
  }
  EXPECT_EQ(all({.kind = "once", .limit = 100}).size(), 50U);
}

TEST_P(ClaimTest, AClockThatWasSetBackHoldsNothingUp) {
  clock_.set(at("2031-01-01T00:00:00Z"));
  keep(kDaily);
  const auto once = added(kOnce);
  const auto later = added(kLaneA, {.due_at = clock_.now() + minutes(20)});
  const auto again = added(kStubborn);
  const auto job = claimed(*one_, {.holder = "first", .kinds = std::span(&kStubborn, 1)});
  ASSERT_TRUE(job && ended(*one_, *job, kStubborn, {.how = How::try_again}));
  clock_.set(at("2026-08-01T10:00:00Z"));
  ASSERT_TRUE(write([&](store::Connection& c) { return heed_clock_set_back(c, clock_.now()); }));
  EXPECT_EQ(alive(kDaily)->due_at, at("2026-08-01T12:30:00Z"));
  EXPECT_EQ(this->job(once).due_at, clock_.now());
  EXPECT_EQ(this->job(later).due_at, clock_.now() + minutes(20)) << "as long as it was to wait";
  EXPECT_EQ(this->job(again).due_at, clock_.now() + minutes(1));
}

TEST_P(ClaimTest, ARunningJobIsAskedToStop) {
  const auto id = added(kOnce);
  const auto job = claimed(*one_, first_);
  ASSERT_TRUE(job);
  ASSERT_TRUE(write([&](store::Connection& c) { return cancel(c, id, "ada", clock_.now()); }));
  EXPECT_EQ(beaten(*one_, *job, kOnce, {1, 2, "at work", ""}), Held::must_stop);
  EXPECT_THAT(this->job(id).note, HasSubstr("ada"));
  ASSERT_TRUE(ended(*one_, *job, kOnce, {.how = How::cancelled}));
  EXPECT_EQ(this->job(id).state, State::cancelled);
  const auto again = write([&](store::Connection& c) { return cancel(c, id, "ada", clock_.now()); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
}

TEST_P(ClaimTest, WhatWasCalledOffIsCancelledAlsoWhereTheProgramEnds) {
  for (const auto* const kind : {&kOnce, &kFragile}) {
    const auto id = added(*kind);
    const auto job = claimed(*one_, first_);
    ASSERT_TRUE(job);
    ASSERT_TRUE(write([&](store::Connection& c) { return cancel(c, id, "ada", clock_.now()); }));
    ASSERT_TRUE(ended(*one_, *job, *kind, {.how = How::given_back}));
    EXPECT_EQ(this->job(id).state, State::cancelled) << kind->name;
    EXPECT_EQ(this->job(id).error, "") << kind->name;
  }
}

TEST_P(ClaimTest, WhatWasCalledOffAndCutOffIsNotTakenOver) {
  const auto id = added(kOnce);
  ASSERT_TRUE(claimed(*one_, first_));
  ASSERT_TRUE(write([&](store::Connection& c) { return cancel(c, id, "ada", clock_.now()); }));
  let_lease_pass(id);
  EXPECT_FALSE(claimed(*two_, second_));
  EXPECT_EQ(job(id).state, State::cancelled);
}

INSTANTIATE_TEST_SUITE_P(Engines, ClaimTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::jobs
