// A clock that a test of the program moves by a file.
#include "base/steered_clock.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace linnet {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class SteeredClockTest : public testing::Test {
 protected:
  void SetUp() override {
    auto name = (std::filesystem::temp_directory_path() / "linnet-clock-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    file_ = folder_ + "/clock";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void say(const std::string& moment) {
    std::ofstream(file_ + ".new") << moment << "\n";
    std::filesystem::rename(file_ + ".new", file_);
  }

  std::string folder_, file_;
};

TEST_F(SteeredClockTest, IsThisMachinesUntilItFollows) {
  SteeredClock clock;
  EXPECT_LT(clock.now() - SystemClock().now(), seconds(5));
  EXPECT_EQ(clock.let_pass(), Duration(0));
}

TEST_F(SteeredClockTest, ShowsWhatTheFileSaysAndWakesWhoeverSleepsUntilThen) {
  const auto begin = *parse_iso8601("2027-03-28T00:59:50Z");
  say("2027-03-28T00:59:50Z");
  SteeredClock clock;
  ASSERT_TRUE(clock.follow(file_));
  EXPECT_GE(clock.now(), begin);
  EXPECT_LT(clock.now(), begin + hours(1));
  std::jthread mover([this] { say("2027-03-29T00:59:50Z"); });
  EXPECT_TRUE(clock.sleep_until(begin + hours(20), {}));
  EXPECT_GT(clock.let_pass(), Duration(0));
}

TEST_F(SteeredClockTest, RefusesWhatIsNoMoment) {
  SteeredClock clock;
  EXPECT_FALSE(clock.follow(file_));
  say("tomorrow");
  EXPECT_FALSE(clock.follow(file_));
}

}  // namespace
}  // namespace linnet
