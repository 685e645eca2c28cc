// What the stop does to requests that are on their way.
#include <filesystem>

#include "act/once_fixture.hpp"

namespace linnet::act {
namespace {

using model::ActionStatus;
using std::chrono::milliseconds;

TEST_P(Once, TheStopCutsWhatIsInFlight) {
  platform_.hang(true);
  start();
  const auto attempt = ask(publish("In flight"));
  ASSERT_TRUE(comes_true([&] { return platform_.in_flight() == 1; }));
  ASSERT_TRUE(gate_->stop_all(ada_, "drill", false));
  ASSERT_TRUE(comes_true([&] { return platform_.in_flight() == 0; }));
  ASSERT_TRUE(comes_true([&] { return reload(attempt).status == ActionStatus::unknown; }));
  platform_.hang(false);
  let_it_work();
  EXPECT_EQ(reload(attempt).status, ActionStatus::unknown) << "nothing is asked meanwhile";
  EXPECT_TRUE(platform_.effects().empty());
  ASSERT_TRUE(gate_->resume_all(ada_));
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_EQ(effects_of("publish acc-1 In flight"), 1);
}

// Analyses that run for minutes, in all the readers that there are.
TEST_P(Once, TheStopWaitsForNobodyWhoReads) {
  platform_.hang(true);
  start();
  const auto attempt = ask(publish("In flight"));
  ASSERT_TRUE(comes_true([&] { return platform_.in_flight() == 1; }));
  std::vector<store::Reader> slow;
  for (int i = 0; i < store::OpenOptions().reader_connections; ++i)
    slow.push_back(std::move((*database_)->reader()).value());
  ASSERT_TRUE(gate_->stop_all(ada_, "drill", false));
  EXPECT_TRUE(comes_true([&] { return platform_.in_flight() == 0; }));
  slow.clear();
  platform_.hang(false);
  ASSERT_TRUE(gate_->resume_all(ada_));
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
}

// Raised by another user, for one: whoever cannot look takes it for raised.
TEST_P(Once, AStopThatCannotBeReadStands) {
  if (GetParam() == store::Engine::postgres) GTEST_SKIP() << "a row, which is read or not";
  const auto file = (*database_)->description().substr(std::string_view("sqlite:").size()) + ".stop";
  platform_.hang(true);
  options_.unknown_stop_cuts_after = milliseconds(50);
  start();
  const auto first = ask(publish("In flight"));
  ASSERT_TRUE(comes_true([&] { return platform_.in_flight() == 1; }));
  // Root may read every file, but no folder as one.
  ASSERT_TRUE(std::filesystem::create_directory(file));
  EXPECT_TRUE(comes_true([&] { return platform_.in_flight() == 0; }));
  platform_.hang(false);
  let_it_work();
  EXPECT_TRUE(platform_.effects().empty());
  std::filesystem::remove(file);
  EXPECT_EQ(wait_until_final(first), ActionStatus::success);
  EXPECT_EQ(effects_of("publish acc-1 In flight"), 1);
}

// As where no descriptor is free for a moment, however often somebody asks in it.
TEST_P(Once, AMomentInWhichNobodyCanTellCutsNothing) {
  if (GetParam() == store::Engine::postgres) GTEST_SKIP() << "a row, which is read or not";
  const auto file = (*database_)->description().substr(std::string_view("sqlite:").size()) + ".stop";
  platform_.hang(true);
  start();
  const auto attempt = ask(publish("In flight"));
  ASSERT_TRUE(comes_true([&] { return platform_.in_flight() == 1; }));
  ASSERT_TRUE(std::filesystem::create_directory(file));
  for (int i = 0; i < 100; ++i) {
    dispatcher_->wake();
    std::this_thread::sleep_for(milliseconds(2));
  }
  std::filesystem::remove(file);
  EXPECT_EQ(platform_.in_flight(), 1);
  platform_.hang(false);
  EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_EQ(reload(attempt).tries, 1);
}

}  // namespace
}  // namespace linnet::act
