#include "govern/clock_trust.hpp"

#include <gtest/gtest.h>

#include "govern/audit.hpp"
#include "kit/database_fixture.hpp"
#include "store/writer.hpp"

namespace linnet::govern {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Instant kNow = parse_iso8601("2026-11-30T12:00:00Z").value();

class ClockTrustTest : public test::DatabaseFixture {
 protected:
  void record_at(Instant at) {
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
      AuditEntry entry;
      entry.run_id = entry.step_id = "r";
      return append_audit(connection, entry, at);
    }));
  }
  // So long after the process began, with the time of day off by that much.
  std::string look(ClockTrust& trust, Duration after, Duration off = {}) {
    auto reader = (*database_)->reader();
    auto said = trust.look(**reader, kNow + after + off,
                           begun_ + std::chrono::duration_cast<ClockTrust::Steady::duration>(after));
    EXPECT_TRUE(said) << said.error().message;
    EXPECT_EQ(trust.doubt(), *said);
    return *said;
  }

  const ClockTrust::Steady::time_point begun_ = ClockTrust::Steady::now();
};

TEST_P(ClockTrustTest, AJumpIsDoubtedUntilADayHasPassedEvenly) {
  record_at(kNow - hours(30));
  ClockTrust trust(kNow, begun_);
  EXPECT_EQ(look(trust, minutes(1)), "");
  EXPECT_NE(look(trust, minutes(2), hours(24 * 800)).find("was set from 2026-11-30"), std::string::npos);
  EXPECT_NE(look(trust, minutes(3)), "") << "and back again";
  EXPECT_NE(look(trust, hours(24)), "");
  EXPECT_EQ(look(trust, hours(24) + minutes(4)), "");
  EXPECT_NE(look(trust, hours(25), -hours(2)), "") << "backwards counts as well";
  // Where the clock stays where it was set, it is believed as well in the end.
  EXPECT_EQ(look(trust, hours(50), -hours(2)), "");
  EXPECT_EQ(look(trust, hours(51), -hours(2) + minutes(5)), "") << "it is set right little by little";
}

// As a machine whose clock is set right by cron, five seconds a day.
TEST_P(ClockTrustTest, LittleStepsDoNotAddUp) {
  record_at(kNow - hours(30));
  ClockTrust trust(kNow, begun_);
  for (int day = 1; day < 400; ++day)
    ASSERT_EQ(look(trust, hours(24) * day, std::chrono::seconds(5) * day), "") << day;
  EXPECT_NE(look(trust, hours(24) * 400, hours(24 * 800)), "") << "a jump is one all the same";
  EXPECT_NE(look(trust, hours(24) * 400 + minutes(1), hours(24 * 800)), "") << "and is not forgotten at once";
}

TEST_P(ClockTrustTest, AStartFarFromTheNewestRecordIsDoubtedToo) {
  {
    ClockTrust empty(kNow, begun_);
    EXPECT_EQ(look(empty, minutes(1)), "") << "there is nothing to lose";
  }
  record_at(kNow - hours(24 * 20));
  ClockTrust trust(kNow, begun_);
  EXPECT_NE(look(trust, minutes(1)).find("2026-11-10"), std::string::npos);
  // What is written under the clock that is asked about says nothing for it, not after another start either.
  record_at(kNow);
  EXPECT_NE(look(trust, minutes(2)), "");
  ClockTrust another(kNow, begun_);
  EXPECT_NE(look(another, minutes(2)), "");
  EXPECT_EQ(look(trust, hours(25)), "");
  ClockTrust behind(kNow - hours(24 * 100), begun_);
  EXPECT_NE(look(behind, minutes(1), -hours(24 * 100)), "") << "all records are of the future";
}

// As on a machine whose clock was years ahead for two days, with restarts, and is so again much later.
TEST_P(ClockTrustTest, WhatWasWrittenUnderAClockThatWasDoubtedDoesNotLeadUpToIt) {
  const auto believed = [&](Instant at) {
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) { return note_believed(connection, at); }));
  };
  record_at(kNow - hours(30));
  ClockTrust first(kNow, begun_);
  EXPECT_EQ(look(first, minutes(1)), "") << "nobody has noted anything yet";
  believed(kNow);
  const auto ahead = hours(24 * 800);
  for (int hour = 0; hour < 48; ++hour) record_at(kNow + ahead + hours(hour));
  ClockTrust second(kNow + ahead + hours(48), begun_);
  EXPECT_NE(look(second, minutes(1), ahead + hours(48)).find("believed until 2026-11-30"), std::string::npos);
  ClockTrust third(kNow + hours(24 * 13), begun_);
  EXPECT_EQ(look(third, minutes(1), hours(24 * 13)), "") << "the clock is right again";
  // It stayed where it was set, and was believed in the end; then somebody sets it right.
  believed(kNow + ahead);
  ClockTrust fourth(kNow, begun_);
  EXPECT_NE(look(fourth, minutes(1)).find("behind the moment"), std::string::npos);
  EXPECT_EQ(look(fourth, hours(25)), "");
}

INSTANTIATE_TEST_SUITE_P(Engines, ClockTrustTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::govern
