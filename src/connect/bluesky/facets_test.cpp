// The places were taken from RichText.detectFacets of @atproto/api; test/integration/bluesky.sh asks it anew.
#include "connect/bluesky/facets.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::connect::bluesky {
namespace {

std::vector<std::string> values(std::string_view text) {
  std::vector<std::string> found;
  for (const auto& facet : find_facets(text)) found.push_back(facet.value);
  return found;
}
using Values = std::vector<std::string>;

TEST(Facets, BeginAfterAnyWhiteSpace) {
  EXPECT_EQ(values("a\u00A0@bob.test b\u3000#tag c\u2003https://x.example/1\u3000d\u202F$abc"),
            (Values{"bob.test", "tag", "https://x.example/1", "$ABC"}));
  EXPECT_EQ(values("a\u200B#tag x#tag (#tag \"@bob.test\" '@bob.test a@bob.test"), Values{});
  EXPECT_EQ(values("(@bob.test) (https://x.example/a)"), (Values{"bob.test", "https://x.example/a"}));
}

TEST(Facets, TagsAreOfAnyScriptAndEitherSign) {
  const auto facets = find_facets("日本\u3000＃東京タワー。");
  ASSERT_EQ(facets.size(), 1U);
  EXPECT_EQ(facets[0].value, "東京タワー");
  EXPECT_EQ(facets[0].begin, 9U);
  EXPECT_EQ(facets[0].end, 9U + 3 + 15);
  EXPECT_EQ(values("#c++ #a-b! #1a #été #😀 #_x_ #a#b"),
            (Values{"c++", "a-b", "1a", "été", "😀", "_x", "a#b"}));
  EXPECT_EQ(values("#1 #_ #!? # #\uFE0Fx #\u200Bx"), Values{});
  EXPECT_EQ(values("#" + std::string(64, 'a')), Values{std::string(64, 'a')});
  EXPECT_EQ(values("#" + std::string(65, 'a')), Values{});
}

TEST(Facets, EndBeforeWhatEndsASentence) {
  EXPECT_EQ(values("See https://x.example/a. Or https://x.example/b), https://x.example/(c) @bob.test."),
            (Values{"https://x.example/a", "https://x.example/b", "https://x.example/(c)", "bob.test"}));
  EXPECT_EQ(values("$AAPL. $a1 ($TSLA) $TOOLONG $1 $ab_c"), (Values{"$AAPL", "$A1", "$TSLA"}));
}

RC_GTEST_PROP(Facets, LieInTheTextOneAfterTheOther, ()) {
  std::string text;
  for (const auto& piece : *rc::gen::container<std::vector<std::string>>(
           rc::gen::element<std::string>(" ", "\u3000", "#", "＃", "@", "$", "a", "b.c", "https://", "(", ")",
                                         ".", "\xFF", "\xE3", "é", "😀")))
    text += piece;
  std::size_t behind = 0;
  for (const auto& facet : find_facets(text)) {
    RC_ASSERT(facet.begin >= behind);
    RC_ASSERT(facet.end > facet.begin);
    RC_ASSERT(facet.end <= text.size());
    behind = facet.end;
  }
}

}  // namespace
}  // namespace linnet::connect::bluesky
