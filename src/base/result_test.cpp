// Results carry a value or an error, and the macros hand errors up.
#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace linnet {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return invalid("n: expected an even number");
  return n / 2;
}

Result<int> quarter(int n) {
  LINNET_TRY(const int once, half(n));
  LINNET_TRY(const int twice, half(once));
  return twice;
}

Status check_quarter(int n, bool& reached) {
  LINNET_CHECK(quarter(n));
  reached = true;
  return {};
}

TEST(ResultTest, holds_a_value_or_an_error) {
  EXPECT_TRUE(half(4).ok());
  EXPECT_EQ(*half(4), 2);
  const auto failed = half(3);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::invalid);
  EXPECT_EQ(failed.error().safe, "n: expected an even number");
  EXPECT_EQ(half(3).value_or(7), 7);
  EXPECT_EQ(half(8).value_or(7), 4);
}

TEST(ResultTest, macros_hand_the_error_up) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_FALSE(quarter(6));
  bool reached = false;
  EXPECT_FALSE(check_quarter(6, reached));
  EXPECT_FALSE(reached);
  EXPECT_TRUE(check_quarter(8, reached));
  EXPECT_TRUE(reached);
}

TEST(ResultTest, moves_what_cannot_be_copied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const auto owned = std::move(result).value();
  EXPECT_EQ(*owned, 5);
}

TEST(ResultTest, what_is_internal_is_not_shown) {
  const auto error = internal_error("table posts has no column x in /var/lib");
  EXPECT_EQ(error.safe.find("/var"), std::string::npos);
  EXPECT_NE(error.message, error.safe);
}

TEST(ResultTest, every_kind_has_its_own_name) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
    names.insert(to_string(static_cast<ErrorKind>(kind)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorKind::internal) + 1);
  EXPECT_EQ(to_string(ErrorKind::not_found), "not_found");
}

}  // namespace
}  // namespace linnet
