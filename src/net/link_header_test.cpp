#include "net/link_header.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::net {
namespace {

HttpResponse answer_with(std::string link) {
  HttpResponse response;
  response.url = "https://social.example/api/v1/timelines/home?limit=40";
  response.headers.add("Link", std::move(link));
  return response;
}

TEST(LinkHeader, ReadsMastodonsPages) {
  const auto pages =
      page_links(answer_with("<https://social.example/api/v1/timelines/home?max_id=7>; rel=\"next\", "
                             "<https://social.example/api/v1/timelines/home?min_id=9>; rel=\"prev\""));
  EXPECT_EQ(pages.next, "https://social.example/api/v1/timelines/home?max_id=7");
  EXPECT_EQ(pages.prev, "https://social.example/api/v1/timelines/home?min_id=9");
}

TEST(LinkHeader, ReadsTheGrammarsCorners) {
  const auto links = parse_link_header(
      ", <a,b;c>;title=\"x, \\\"y\\\"; rel=z\" ; REL = \"Next  start\" ;rel=prev , </p>; rel=prev; anchor, "
      "<q>");
  ASSERT_EQ(links.size(), 3U);
  EXPECT_EQ(links[0].target, "a,b;c");
  EXPECT_EQ(links[0].rels, (std::vector<std::string>{"next", "start"}));
  EXPECT_EQ(links[1].target, "/p");
  EXPECT_EQ(links[1].rels, (std::vector<std::string>{"prev"}));
  EXPECT_EQ(links[2].target, "q");
  EXPECT_TRUE(links[2].rels.empty());
}

TEST(LinkHeader, ResolvesRelativeTargets) {
  EXPECT_EQ(page_links(answer_with("<?max_id=7>; rel=next")).next,
            "https://social.example/api/v1/timelines/home?max_id=7");
}

TEST(LinkHeader, LeavesOutOtherServersAndSaysSo) {
  for (const char* link :
       {"<https://evil.example/x>; rel=next", "<//evil.example/x>; rel=next",
        "<http://social.example/x>; rel=next", "<javascript:x>; rel=next", "<https://social.example/cut"}) {
    const auto pages = page_links(answer_with(link));
    EXPECT_EQ(pages.next, std::nullopt) << link;
    EXPECT_TRUE(pages.is_cut) << link;
  }
  EXPECT_FALSE(page_links(answer_with("<https://evil.example/x>; rel=prev")).is_cut);
  EXPECT_FALSE(page_links(HttpResponse{}).is_cut);
}

TEST(LinkHeader, FollowsTheSamePathOnTheOwnOrigin) {
  for (const char* origin : {"http://social.example", "https://social.example:3000", "https://inner.local"}) {
    const auto pages =
        page_links(answer_with("<" + std::string(origin) + "/api/v1/timelines/home?max_id=7>; rel=next"));
    EXPECT_EQ(pages.next, "https://social.example/api/v1/timelines/home?max_id=7") << origin;
    EXPECT_FALSE(pages.is_cut);
  }
}

RC_GTEST_PROP(LinkHeader, EndsOnAnyText, (const std::string& text)) {
  const auto links = parse_link_header("<a>; rel=\"next\"; " + text);
  RC_ASSERT(!links.empty());
  RC_ASSERT(links.size() <= text.size() + 1);
}

}  // namespace
}  // namespace linnet::net
