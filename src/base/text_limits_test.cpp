#include "base/text_limits.hpp"

#include <gtest/gtest.h>

#include <string>

namespace linnet {
namespace {

TEST(TextLimits, CountCharacters) {
  EXPECT_TRUE(check_length("reason", "", 3));
  EXPECT_TRUE(check_length("reason", "abc", 3));
  EXPECT_TRUE(check_length("reason", "世界界", 3));
  const auto refused = check_length("reason", "世界界世", 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().safe, "reason: expected at most 3 characters, got 4");
  EXPECT_FALSE(check_length("reason", std::string(20, '\x80'), 3)) << "nor by bytes that begin no character";
}

}  // namespace
}  // namespace linnet
