// What happens to an account stands in the audit trail: that it is paused, signed out, cannot be reached.
#include "act/records.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "act/attempt_store.hpp"
#include "kit/database_fixture.hpp"
#include "kit/two_servers.hpp"

namespace linnet::act {
namespace {

class Records : public test::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) return;
    test::add_two_servers(*writer_);
    test::add_pending_like(*writer_, "one", "on-a", "42");
    test::add_pending_like(*writer_, "two", "on-a", "43");
    test::add_pending_like(*writer_, "other", "on-b", "42");
  }
  void meet(const connect::Outcome& outcome) {
    const auto done = writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(const auto attempt, find_attempt(connection, "one"));
      return note_trouble(connection, attempt, outcome, Instant(std::chrono::hours(9)));
    });
    ASSERT_TRUE(done) << done.error().message;
  }
  void put_off(const Error& why, std::chrono::hours at) {
    const auto done = writer_->write([&](store::Connection& connection) {
      return put_off_due(connection, connect::AccountId("on-a"), why, Instant(at),
                         Instant(at + std::chrono::hours(1)));
    });
    ASSERT_TRUE(done) << done.error().message;
  }
  std::vector<govern::AuditEntry> trail() {
    auto reader = (*database_)->reader();
    return govern::list_audit(**reader, {}).value();
  }
};

TEST_P(Records, TellThatTheCircuitBreakerOpened) {
  connect::Outcome outcome;
  outcome.error = Error::of(ErrorKind::denied, "the words of the platform");
  outcome.restricted = true;
  meet(outcome);
  const auto rows = trail();
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].details.at("what"), "account paused");
  EXPECT_EQ(rows[0].account_id, "on-a");
  EXPECT_EQ(boost::json::serialize(rows[0].details).find("words"), std::string::npos);
}

TEST_P(Records, TellThatAnAccountWasSignedOut) {
  connect::Outcome outcome;
  outcome.error = Error::of(ErrorKind::denied, "the words of the platform");
  outcome.signed_out = true;
  meet(outcome);
  ASSERT_EQ(trail().size(), 1);
  EXPECT_EQ(trail()[0].details.at("what"), "account signed out");
}

TEST_P(Records, TellOnceForEachCauseThatThePlatformCannotBeReached) {
  using std::chrono::hours;
  const auto down = Error::of(ErrorKind::unavailable, "the server is down");
  put_off(down, hours(1));
  ASSERT_EQ(trail().size(), 2) << "one for each attempt of the account";
  EXPECT_EQ(trail()[0].details.at("code"), "unavailable");
  EXPECT_EQ(trail()[0].outcome, govern::AuditOutcome::pending);
  put_off(down, hours(2));
  EXPECT_EQ(trail().size(), 2);
  put_off(Error::of(ErrorKind::denied, "no credentials"), hours(3));
  EXPECT_EQ(trail().size(), 4);
  auto reader = (*database_)->reader();
  EXPECT_EQ(
      store::query_integer(**reader, "SELECT COUNT(*) FROM action_attempts WHERE hold = 'time'")->value_or(0),
      2);
}

INSTANTIATE_TEST_SUITE_P(Engines, Records, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::act
