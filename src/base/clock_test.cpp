// The clock that tests drive, and the real one's waits.
#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace linnet {
namespace {

constexpr Instant kStart = from_micros(1'000'000);

TEST(ManualClock, stands_still_until_it_is_moved) {
  ManualClock clock(kStart);
  EXPECT_EQ(clock.now(), kStart);
  clock.advance(std::chrono::hours{1});
  EXPECT_EQ(clock.now(), kStart + std::chrono::hours{1});
  clock.set(kStart);
  EXPECT_EQ(clock.now(), kStart);
}

TEST(ManualClock, wakes_sleepers_whose_time_has_come) {
  ManualClock clock(kStart);
  std::atomic<bool> woken = false;
  std::stop_source never;
  std::jthread sleeper([&] { woken = clock.sleep_until(kStart + std::chrono::hours{1}, never.get_token()); });
  clock.advance(std::chrono::minutes{59});
  EXPECT_FALSE(woken);
  clock.advance(std::chrono::minutes{1});
  sleeper.join();
  EXPECT_TRUE(woken);
}

TEST(ManualClock, a_deadline_in_the_past_does_not_wait) {
  ManualClock clock(kStart);
  EXPECT_TRUE(clock.sleep_until(kStart - std::chrono::hours{1}, std::stop_token{}));
  EXPECT_TRUE(clock.sleep_for(Duration{0}, std::stop_token{}));
}

template <typename T>
void expect_stop_ends_the_sleep(T& clock) {
  std::stop_source stop;
  std::atomic<bool> reached = true;
  {
    std::jthread sleeper([&] { reached = clock.sleep_for(std::chrono::hours{1}, stop.get_token()); });
    stop.request_stop();
  }
  EXPECT_FALSE(reached);
}

TEST(ManualClock, stopping_ends_the_sleep) {
  ManualClock clock(kStart);
  expect_stop_ends_the_sleep(clock);
}

TEST(SystemClock, stopping_ends_the_sleep) {
  SystemClock clock;
  expect_stop_ends_the_sleep(clock);
}

TEST(SystemClock, waits_until_the_deadline) {
  SystemClock clock;
  const auto deadline = clock.now() + std::chrono::milliseconds{5};
  EXPECT_TRUE(clock.sleep_until(deadline, std::stop_token{}));
  EXPECT_GE(clock.now(), deadline);
}

}  // namespace
}  // namespace linnet
