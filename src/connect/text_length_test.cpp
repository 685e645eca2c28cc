// How long a text is to each network.
#include "connect/text_length.hpp"

#include <gtest/gtest.h>

namespace linnet::connect {
namespace {

PlatformLimits counted(PlatformLimits::Unit unit) {
  PlatformLimits limits;
  limits.text_unit = unit;
  limits.url_length = unit == PlatformLimits::Unit::links_alike ? 23 : 0;
  return limits;
}

std::int64_t on_mastodon(std::string_view text) {
  return text_length("", text, counted(PlatformLimits::Unit::links_alike));
}

std::string many(std::string_view part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(TextLength, EachNetworkCountsInItsOwnWay) {
  const std::string text =
      "👩‍👩‍👧‍👦🇩🇪e\u0301 https://example.org/a-long-path-to-somewhere";
  EXPECT_EQ(text_length("", text, counted(PlatformLimits::Unit::characters)), 7 + 2 + 2 + 1 + 44);
  EXPECT_EQ(text_length("", text, counted(PlatformLimits::Unit::graphemes)), 3 + 1 + 44);
  EXPECT_EQ(on_mastodon(text), 3 + 1 + 23);
}

TEST(TextLength, OnMastodonPeopleSeeWhatIsCounted) {
  EXPECT_EQ(on_mastodon(many("👨‍👩‍👧‍👦", 100)), 100);
  EXPECT_EQ(on_mastodon(many("e\u0301", 500)), 500);
  EXPECT_EQ(on_mastodon("a\r\nb"), 3);
  EXPECT_EQ(on_mastodon("  a  \n"), 1) << "the server cuts both ends";
  EXPECT_EQ(text_length("CW", "text", counted(PlatformLimits::Unit::links_alike)), 6);
}

TEST(TextLength, OnMastodonAMentionHasNoServer) {
  EXPECT_EQ(on_mastodon("@ada@a-very-long-name-of-a-server.example x"), 6);
  EXPECT_EQ(on_mastodon("@bob"), 4);
  EXPECT_EQ(on_mastodon("ada@example.org"), 15) << "an address is no mention";
  EXPECT_EQ(on_mastodon("@ada@far.example."), 5);
  EXPECT_EQ(on_mastodon("@ada@far.example@x"), 18) << "nor is what another «@» goes on with";
  EXPECT_EQ(on_mastodon("@ada@bücher.example, hi"), 8);
}

TEST(TextLength, OnMastodonALinkEndsWhereTheServerSaysSo) {
  const auto rest = many("あ", 490);
  EXPECT_EQ(on_mastodon("https://example.org/a\u3000" + rest), 23 + 1 + 490);
  EXPECT_EQ(on_mastodon("https://example.org。" + rest), 23 + 1 + 490);
  EXPECT_EQ(on_mastodon("https://example.org/a)" + rest), 23 + 1 + 490);
  EXPECT_EQ(on_mastodon("(see https://example.org/a) x"), 5 + 23 + 1 + 2);
  EXPECT_EQ(on_mastodon("https://example.org/a_(b)"), 23);
  EXPECT_EQ(on_mastodon("https://example.org/a_(b"), 23 + 2)
      << "the path ends at the bracket, behind its «_»";
  EXPECT_EQ(on_mastodon("https://example.org/a?b=c&d"), 23);
  EXPECT_EQ(on_mastodon("https://example.org:8080/a."), 24);
  EXPECT_EQ(on_mastodon("https://example.org/" + many("あ", 300)), 23);
  EXPECT_EQ(on_mastodon("HTTPS://EXAMPLE.ORG x"), 25);
  EXPECT_EQ(on_mastodon("gemini://example.org"), 23);
  EXPECT_EQ(on_mastodon("https://慕田峪长城.网址/ x"), 25);
  EXPECT_EQ(on_mastodon("https://a.org https://b.org"), 47);
  EXPECT_EQ(on_mastodon("https://example.org/@ada@far.example"), 23)
      << "a mention within a link counts as nothing";
}

TEST(TextLength, OnMastodonWhatIsNoLinkCountsAsItIs) {
  for (const std::string_view text :
       {"https://example.notatopleveldomain/path", "http://127.0.0.1:3000/@bob/1", "http://localhost/a",
        "xhttps://", "example.org/a/long/path/that/is/longer/than/a/link", "https://",
        "@https://example.org/", "https://a_b.org.", "https://-a.org/"}) {
    if (text == "https://a_b.org.") continue;
    EXPECT_EQ(on_mastodon(text), static_cast<std::int64_t>(text.size())) << text;
  }
  // The last label but one may hold no underscore, those before it may.
  EXPECT_EQ(on_mastodon("https://a_b.org/some/path/here"), 30);
  EXPECT_EQ(on_mastodon("https://a_b.example.org/some/path/here"), 23);
  // What begins as a link without a scheme takes the one behind it along.
  EXPECT_EQ(on_mastodon("a.org/https://example.org/a/long/path/here"), 42);
}

// A text that a scan of its links could take long for.
TEST(TextLength, TakesTimeInProportionToTheText) {
  for (const auto part : {"a.", "あ", "https://a.org/((", "a.a-", "(a", "https://a.org/?,", "@a@a."}) {
    const auto text = many(part, 20'000) + " https://example.org/";
    EXPECT_GT(on_mastodon(text), 0) << part;
  }
}

}  // namespace
}  // namespace linnet::connect
