// How many files one request may name.
#include "api/action_body.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace linnet::api {
namespace {

std::string repeated(const std::string& item, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += (i > 0 ? "," : "") + item;
  return all;
}

class ActionBodyTest : public testing::Test {
 protected:
  Result<ActionBody> parse(const std::string& rest) {
    return parse_action_body(R"({"type":"publish","account":"a",)" + rest + "}",
                             {[this](const std::string&) -> Result<connect::MediaFile> {
                                ++reads_;
                                connect::MediaFile file;
                                file.size = size_;
                                return file;
                              },
                              {}});
  }
  static std::string media(int files) {
    return fmt::format(R"("media":[{}])", repeated(R"({"name":"a.png","upload":"u"})", files));
  }

  int reads_ = 0;
  std::int64_t size_ = 3;
};

TEST_F(ActionBodyTest, ReadsNoMoreFilesThanAPostMayHave) {
  ASSERT_TRUE(parse(media(20)));
  EXPECT_EQ(reads_, 20);
  reads_ = 0;
  const auto refused = parse(media(100'000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(reads_, 20);
}

TEST_F(ActionBodyTest, TakesAsManyPostsAsAThreadMayHave) {
  const auto posts = [](int count) {
    return fmt::format(R"("posts":[{}])", repeated(R"({"text":"a"})", count));
  };
  EXPECT_TRUE(parse(posts(50)));
  EXPECT_EQ(parse(posts(51)).error().kind, ErrorKind::invalid);
}

TEST_F(ActionBodyTest, HoldsNoMoreBytesThanThatOfAllItsPosts) {
  size_ = std::int64_t{60} << 20U;
  const auto post = fmt::format("{{{}}}", media(2));
  EXPECT_TRUE(parse(media(3)));
  reads_ = 0;
  EXPECT_EQ(parse(fmt::format(R"("posts":[{}])", repeated(post, 50))).error().kind, ErrorKind::invalid);
  EXPECT_EQ(reads_, 4);
}

}  // namespace
}  // namespace linnet::api
