// Ids of different things do not mix.
#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace linnet {
namespace {

static_assert(!std::is_convertible_v<PostId, PlatformUserId>);
static_assert(!std::is_constructible_v<PostId, PlatformUserId>);
static_assert(!std::is_convertible_v<std::string, PostId>, "an id is made on purpose");
static_assert(!std::is_convertible_v<std::int64_t, InstanceId>);

TEST(Ids, compare_by_value) {
  EXPECT_EQ(PostId("1"), PostId("1"));
  EXPECT_LT(PostId("1"), PostId("2"));
  EXPECT_LT(InstanceId(9), InstanceId(10));
  EXPECT_EQ(InstanceId().value(), 0);
}

TEST(Ids, serve_as_keys) {
  std::unordered_set<PostId> posts{PostId("a"), PostId("b"), PostId("a")};
  EXPECT_EQ(posts.size(), 2U);
  EXPECT_TRUE(posts.contains(PostId("b")));
  std::unordered_set<HashtagId> tags{HashtagId(1), HashtagId(1)};
  EXPECT_EQ(tags.size(), 1U);
}

}  // namespace
}  // namespace linnet
