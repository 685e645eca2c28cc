#include "store/clock_difference.hpp"

#include <gtest/gtest.h>

#include "kit/test_database.hpp"
#include "store/lease.hpp"

namespace linnet::store {
namespace {

class ClockDifferenceTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    connection_ = (*database_)->connect(Part::tables).value();
  }
  Status apart_by(Duration ahead) {
    return refuse_clocks_apart(*connection_, database_now(*connection_).value() + ahead);
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_P(ClockDifferenceTest, ClocksThatAgreeWithinHalfAMinuteDo) {
  for (const auto ahead : {-20, 0, 20}) EXPECT_TRUE(apart_by(std::chrono::seconds(ahead))) << ahead;
}

TEST_P(ClockDifferenceTest, OneThatIsFurtherOffIsNamedWithWhatToDo) {
  if (GetParam() == Engine::sqlite) {
    EXPECT_TRUE(apart_by(std::chrono::hours(1))) << "a file has no other clock";
    return;
  }
  const auto ahead = apart_by(std::chrono::seconds(122));
  ASSERT_FALSE(ahead);
  EXPECT_EQ(ahead.error().kind, ErrorKind::unavailable);
  EXPECT_NE(ahead.error().safe.find("seconds ahead of the database's"), std::string::npos)
      << ahead.error().safe;
  const auto behind = apart_by(std::chrono::seconds(-122));
  ASSERT_FALSE(behind);
  EXPECT_NE(behind.error().safe.find("seconds behind the database's"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Engines, ClockDifferenceTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::store
