#include "api/live_filter.hpp"

#include <gtest/gtest.h>

namespace linnet::api {
namespace {

constexpr std::string_view kBooks =
    R"({"type":"post","post":{"instance_id":1,"id":"7","content_text":"\"cats\"","hashtags":["books","köln"]}})";
constexpr std::string_view kPlain = R"({"type":"edit","post":{"instance_id":12,"id":"8","hashtags":[]}})";
constexpr std::string_view kDeletion = R"({"type":"delete","instance_id":1,"id":"7"})";

bool wants(std::string_view request, std::string_view topic, std::string_view message) {
  const auto answer = subscribe(request);
  EXPECT_TRUE(answer) << answer.error().message;
  return answer && (*answer->filter)(topic, message);
}

TEST(LiveFilter, TopicsNarrow) {
  constexpr auto kRequest = R"({"type":"subscribe","topics":["posts","jobs"]})";
  EXPECT_TRUE(wants(kRequest, "posts", kBooks));
  EXPECT_FALSE(wants(kRequest, "rate", R"({"type":"rate"})"));
}

TEST(LiveFilter, AHashtagNarrowsPostsAndEditsAlone) {
  EXPECT_TRUE(wants(R"({"hashtag":"#Books"})", "posts", kBooks));
  EXPECT_TRUE(wants(R"({"hashtag":"KÖLN"})", "posts", kBooks));
  EXPECT_FALSE(wants(R"({"hashtag":"book"})", "posts", kBooks)) << "a whole name";
  EXPECT_FALSE(wants(R"({"hashtag":"cats"})", "posts", kBooks)) << "stands in the text alone";
  EXPECT_FALSE(wants(R"({"hashtag":"books"})", "posts", kPlain));
  EXPECT_TRUE(wants(R"({"hashtag":"books"})", "posts", kDeletion));
  EXPECT_TRUE(wants(R"({"hashtag":"books"})", "rate", R"({"type":"rate"})"));
}

TEST(LiveFilter, AnInstanceIsTakenWhole) {
  EXPECT_TRUE(wants(R"({"instance_id":1})", "posts", kBooks));
  EXPECT_FALSE(wants(R"({"instance_id":1})", "posts", kPlain)) << "12 is not 1";
  EXPECT_TRUE(wants(R"({"instance_id":1})", "posts", kDeletion));
}

TEST(LiveFilter, WhatItCannotUnderstandItRefuses) {
  for (const auto* text :
       {"", "{", "[]", "{}", R"({"type":"subscribe"})", R"({"topics":"posts"})", R"({"topics":["magic"]})",
        R"({"hashtag":1})", R"({"instance_id":"1"})", R"({"x":1})"}) {
    EXPECT_FALSE(subscribe(text)) << text;
  }
}

}  // namespace
}  // namespace linnet::api
