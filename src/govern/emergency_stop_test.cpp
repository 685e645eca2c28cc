// The emergency stop gets through whatever else is written, and is written down once.
#include "govern/emergency_stop.hpp"

#include <gtest/gtest.h>

#include "govern/audit.hpp"
#include "kit/database_fixture.hpp"
#include "store/raised_flags.hpp"

namespace linnet::govern {
namespace {

const Instant kMoment(std::chrono::hours(1'000));

class EmergencyStop : public test::DatabaseFixture {
 protected:
  bool is_stopped() {
    auto reader = (*database_)->reader();
    return stopped_since(**reader).value().has_value();
  }
  std::vector<AuditEntry> trail() {
    auto reader = (*database_)->reader();
    return list_audit(**reader, {}).value();
  }
  Status resume() {
    LINNET_CHECK(note_stop(**database_, *writer_, kMoment));
    return writer_->write(
        [&](store::Connection& connection) { return resume_everything(connection, "ada", kMoment); });
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, EmergencyStop,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(EmergencyStop, WaitsForNobodyWhoWrites) {
  auto other = (*database_)->connect(store::Part::tables).value();
  {
    // Another process that has the audit trail in hand, as an erasure does.
    auto transaction = store::Transaction::begin(*other);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(store::run(*other, "UPDATE audit_head SET number = number"));
    ASSERT_TRUE(store::run(*other, "UPDATE govern_marks SET value = value WHERE name = 'stop'"));
    ASSERT_TRUE(raise_stop(**database_, "ada", "wrong text", kMoment));
    EXPECT_TRUE(is_stopped());
    ASSERT_TRUE(note_stop(**database_, *writer_, kMoment, std::chrono::milliseconds(20)))
        << "nor does noting it wait";
    EXPECT_TRUE(is_stopped());
    EXPECT_TRUE(trail().empty());
    ASSERT_TRUE(transaction->commit());
  }
  ASSERT_TRUE(note_stop(**database_, *writer_, kMoment));
  EXPECT_TRUE(is_stopped());
  ASSERT_EQ(trail().size(), 1U) << "once, though it was tried twice";
  EXPECT_EQ(trail().front().event, AuditEvent::emergency_stop);
  EXPECT_EQ(trail().front().actor, "ada");
  EXPECT_EQ(trail().front().details.at("reason").as_string(), "wrong text");
  ASSERT_TRUE(resume());
  EXPECT_FALSE(is_stopped());
  EXPECT_EQ(trail().front().event, AuditEvent::emergency_resume);
  auto reader = (*database_)->reader();
  EXPECT_TRUE(verify_audit(**reader)->is_whole);
}

TEST_P(EmergencyStop, OfAProcessThatEndedIsNotedByTheNext) {
  ASSERT_TRUE(raise_stop(**database_, "ada", "", kMoment));
  writer_.reset();
  database_->reopen();
  writer_ = std::move(store::Writer::start(**database_)).value();
  EXPECT_TRUE(is_stopped());
  ASSERT_TRUE(resume());
  EXPECT_FALSE(is_stopped());
  EXPECT_EQ(trail().size(), 2U);
}

TEST_P(EmergencyStop, RaisedSeveralTimesBeforeItIsNotedHasARowForEach) {
  ASSERT_TRUE(raise_stop(**database_, "ada", "first", kMoment));
  ASSERT_TRUE(raise_stop(**database_, "bo", "second", kMoment + std::chrono::seconds(1)));
  ASSERT_TRUE(raise_stop(**database_, "cy", "third", kMoment + std::chrono::seconds(2)));
  {
    auto reader = (*database_)->reader();
    EXPECT_EQ(stopped_since(**reader).value(), kMoment);
  }
  ASSERT_TRUE(note_stop(**database_, *writer_, kMoment + std::chrono::minutes(1)));
  auto reader = (*database_)->reader();
  EXPECT_EQ(stopped_since(**reader).value(), kMoment) << "the first moment is kept";
  const auto rows = trail();  // the newest first
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[2].actor, "ada");
  EXPECT_EQ(rows[1].actor, "bo");
  EXPECT_EQ(rows[0].details.at("reason").as_string(), "third");
}

// As a full disk may leave it.
TEST_P(EmergencyStop, OfWhichHalfCannotBeReadStands) {
  ASSERT_TRUE(store::raise_flag(**database_, "stop", "{\"run_id\":\"a"));
  ASSERT_TRUE(raise_stop(**database_, "bo", "second", kMoment));
  EXPECT_TRUE(is_stopped());
  ASSERT_TRUE(note_stop(**database_, *writer_, kMoment));
  EXPECT_TRUE(is_stopped());
  EXPECT_EQ(trail().size(), 2U);
}

TEST_P(EmergencyStop, StandsFromItsFirstMoment) {
  ASSERT_TRUE(raise_stop(**database_, "ada", "", kMoment));
  ASSERT_TRUE(note_stop(**database_, *writer_, kMoment));
  ASSERT_TRUE(raise_stop(**database_, "bo", "", kMoment + std::chrono::hours(1)));
  auto reader = (*database_)->reader();
  EXPECT_EQ(stopped_since(**reader).value(), kMoment);
}

}  // namespace
}  // namespace linnet::govern
