// A token's requests are counted by the minute, each token's by themselves.
#include "govern/request_limits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::govern {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Instant kStart(std::chrono::hours(1'000));

TEST(RequestLimits, AMinuteIsUsedUpAndTheNextBeginsAnew) {
  RequestLimits limits;
  const auto first = limits.take("a", 2, kStart);
  EXPECT_TRUE(first.is_allowed);
  EXPECT_EQ(first.limit, 2);
  EXPECT_EQ(first.remaining, 1);
  EXPECT_EQ(first.reset_at, kStart + minutes(1));
  EXPECT_EQ(limits.take("a", 2, kStart + seconds(30)).remaining, 0);
  const auto refused = limits.take("a", 2, kStart + seconds(59));
  EXPECT_FALSE(refused.is_allowed);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.reset_at, kStart + minutes(1)) << "asking in vain does not put it off";
  EXPECT_TRUE(limits.take("b", 2, kStart + seconds(59)).is_allowed) << "another's requests are another's";
  EXPECT_EQ(limits.take("a", 2, kStart + minutes(1)).remaining, 1);
}

TEST(RequestLimits, LookingIsNotCounted) {
  RequestLimits limits;
  EXPECT_EQ(limits.look("a", 2, kStart).remaining, 2);
  limits.take("a", 2, kStart);
  limits.take("a", 2, kStart);
  for (int i = 0; i < 3; ++i) {
    const auto left = limits.look("a", 2, kStart + seconds(30));
    EXPECT_TRUE(left.is_allowed) << "it was when it was counted";
    EXPECT_EQ(left.remaining, 0);
    EXPECT_EQ(left.reset_at, kStart + minutes(1));
  }
  EXPECT_EQ(limits.look("a", 2, kStart + minutes(1)).remaining, 2);
}

TEST(RequestLimits, ALimitThatIsChangedCountsAtOnce) {
  RequestLimits limits;
  for (int i = 0; i < 5; ++i) limits.take("a", 5, kStart);
  EXPECT_FALSE(limits.take("a", 5, kStart).is_allowed);
  EXPECT_TRUE(limits.take("a", 6, kStart).is_allowed);
  EXPECT_FALSE(limits.take("a", 3, kStart).is_allowed);
}

// Whatever the clock does, nobody is told to wait longer than a minute, and a minute holds what it may.
RC_GTEST_PROP(RequestLimits, NeverMoreThanTheLimitNorLongerThanAMinute,
              (const std::vector<std::int16_t>& steps)) {
  RequestLimits limits;
  auto now = kStart;
  auto reset_at = Instant{};
  int allowed = 0;
  for (const auto step : steps) {
    now += seconds(step % 90);
    const auto allowance = limits.take("a", 3, now);
    RC_ASSERT(allowance.reset_at > now);
    RC_ASSERT(allowance.reset_at <= now + minutes(1));
    if (allowance.reset_at != reset_at) allowed = 0;
    reset_at = allowance.reset_at;
    allowed += allowance.is_allowed;
    RC_ASSERT(allowed <= 3);
  }
}

}  // namespace
}  // namespace linnet::govern
