#include "net/backoff.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::net {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kStart = from_micros(1'700'000'000'000'000);

TEST(Backoff, DoublesUpToTheCap) {
  Backoff backoff({seconds{1}, seconds{10}, minutes{1}}, [] { return 1.0; });
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 6; ++i) waits.push_back(backoff.on_failure(kStart).count() / 1'000'000);
  EXPECT_EQ(waits, (std::vector<std::int64_t>{1, 2, 4, 8, 10, 10}));
}

TEST(Backoff, StartsOverOnlyAfterAStableTime) {
  Backoff backoff({seconds{1}, minutes{5}, minutes{1}}, [] { return 1.0; });
  for (int i = 0; i < 4; ++i) (void)backoff.on_failure(kStart);
  backoff.on_connected(kStart);
  EXPECT_EQ(backoff.on_failure(kStart + seconds{59}), seconds{16}) << "it broke again too soon";
  backoff.on_connected(kStart);
  EXPECT_EQ(backoff.on_failure(kStart + seconds{60}), seconds{1});
  EXPECT_EQ(backoff.on_failure(kStart + minutes{60}), seconds{2}) << "it was not connected in between";
}

RC_GTEST_PROP(Backoff, StaysBetweenFloorAndCap, (std::uint16_t failures)) {
  const auto draw = *rc::gen::inRange(0, 1000);
  const Duration floor = seconds{*rc::gen::inRange(0, 100)};
  Backoff backoff({}, [&] { return draw / 1000.0; });
  for (int i = 0; i < failures % 200; ++i) {
    const auto wait = backoff.on_failure(kStart, floor);
    RC_ASSERT(wait >= floor);
    RC_ASSERT(wait <= floor + BackoffOptions{}.cap);
  }
}

}  // namespace
}  // namespace linnet::net
