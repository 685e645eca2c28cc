// A database that does not answer is told in time.
#include "api/ready_probe.hpp"

#include <gtest/gtest.h>

#include "kit/test_database.hpp"

namespace linnet::api {
namespace {

class ReadyProbeTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
  }
  std::unique_ptr<test::TestDatabase> database_;
};
INSTANTIATE_TEST_SUITE_P(Engines, ReadyProbeTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(ReadyProbeTest, AnswersWhereTheDatabaseDoes) {
  ReadyProbe probe;
  const auto mark = probe.ask(**database_);
  ASSERT_TRUE(mark) << mark.error().message;
  EXPECT_EQ(mark->applied, EventId(0));
  EXPECT_EQ(mark->tables_behind, "");
}

// As where an older linnet.db was put back: it is ready, and what is lost with the newer one is told.
TEST_P(ReadyProbeTest, TellsTablesThatAreOlderThanTheLog) {
  {
    const auto log = (*database_)->connect(store::Part::log).value();
    ASSERT_TRUE(log->execute("INSERT INTO event_marks (last_event_id, processed_at) VALUES (9, 1)"));
  }
  ReadyProbe probe;
  const auto found = probe.ask(**database_);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_NE(found->tables_behind.find("opt-outs"), std::string::npos) << found->tables_behind;
}

TEST_P(ReadyProbeTest, DoesNotWaitForWhoHoldsTheTables) {
  if (GetParam() == store::Engine::sqlite) GTEST_SKIP() << "nobody who writes keeps its readers waiting";
  ReadyProbe probe(std::chrono::milliseconds(300));
  auto other = (*database_)->connect(store::Part::tables).value();
  const auto begin = std::chrono::steady_clock::now();
  {
    auto transaction = store::Transaction::begin(*other);
    ASSERT_TRUE(other->execute("LOCK TABLE projection_marks IN ACCESS EXCLUSIVE MODE"));
    for (int i = 0; i < 2; ++i) {
      const auto answer = probe.ask(**database_);
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
    ASSERT_TRUE(transaction->commit());
  }
  while (!probe.ask(**database_)) {
    ASSERT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << "and answers again";
  }
}

}  // namespace
}  // namespace linnet::api
