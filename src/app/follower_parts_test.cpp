#include "app/follower_parts.hpp"

#include <gtest/gtest.h>

namespace linnet::app {
namespace {

using std::chrono::seconds;

TEST(FollowerParts, OneThatFailsHoldsUpNoOther) {
  FollowerParts parts(seconds(10));
  int searched = 0;
  int heeded = 0;
  bool is_damaged = true;
  parts.add("search", [&]() -> Result<bool> {
    ++searched;
    if (is_damaged) return Error::of(ErrorKind::corrupt, "a page is damaged");
    return false;
  });
  parts.add("mentions", [&]() -> Result<bool> { return ++heeded < 3; });
  const FollowerParts::Time begin(seconds(1'000));
  EXPECT_TRUE(parts.step(begin)) << "there is more to heed";
  EXPECT_TRUE(parts.step(begin + seconds(1)));
  EXPECT_FALSE(parts.step(begin + seconds(2)));
  EXPECT_EQ(heeded, 3);
  EXPECT_EQ(searched, 1) << "it rests";
  is_damaged = false;
  EXPECT_FALSE(parts.step(begin + seconds(11)));
  EXPECT_EQ(searched, 2) << "and is tried again";
}

}  // namespace
}  // namespace linnet::app
