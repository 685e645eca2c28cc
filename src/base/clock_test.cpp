// The clock that tests drive, and the real one's waits.
#include "base/clock.hpp"

#include <gtest/gtest.h>

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
  Instant woken_at{};
  std::stop_source never;
  const auto sleep_until = [&](Instant deadline) { return clock.sleep_until(deadline, never.get_token()); };
  std::jthread sleeper([&] {
    EXPECT_TRUE(sleep_until(kStart + std::chrono::hours{1}));
    woken_at = clock.now();
  });
  std::jthread other([&] { EXPECT_TRUE(sleep_until(kStart + std::chrono::minutes{59})); });
  while (clock.sleepers() < 2) std::this_thread::yield();
  clock.advance(std::chrono::minutes{59});
  other.join();
  EXPECT_EQ(clock.sleepers(), 1);
  clock.advance(std::chrono::minutes{1});
  sleeper.join();
  EXPECT_EQ(woken_at, kStart + std::chrono::hours{1});
}

TEST(ManualClock, a_deadline_in_the_past_does_not_wait) {
  ManualClock clock(kStart);
  EXPECT_TRUE(clock.sleep_until(kStart - std::chrono::hours{1}, std::stop_token{}));
  EXPECT_TRUE(clock.sleep_for(Duration{0}, std::stop_token{}));
}

TEST(ManualClock, stopping_ends_the_sleep) {
  ManualClock clock(kStart);
  std::stop_source stop;
  bool reached = true;
  std::jthread sleeper([&] { reached = clock.sleep_for(std::chrono::hours{1}, stop.get_token()); });
  while (clock.sleepers() < 1) std::this_thread::yield();
  stop.request_stop();
  sleeper.join();
  EXPECT_FALSE(reached);
}

TEST(SystemClock, stopping_ends_the_sleep) {
  SystemClock clock;
  std::stop_source stop;
  bool reached = true;
  std::jthread sleeper([&] { reached = clock.sleep_for(std::chrono::hours{1}, stop.get_token()); });
  stop.request_stop();
  sleeper.join();
  EXPECT_FALSE(reached);
}

TEST(SystemClock, waits_until_the_deadline) {
  SystemClock clock;
  const auto deadline = clock.now() + std::chrono::milliseconds{5};
  EXPECT_TRUE(clock.sleep_until(deadline, std::stop_token{}));
  EXPECT_GE(clock.now(), deadline);
}

}  // namespace
}  // namespace linnet
