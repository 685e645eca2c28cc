// Our count of a text against that of the fake server, which has the rules from Mastodon's own source.
#include <gtest/gtest.h>

#include <random>

#include "connect/mastodon/fake_mastodon.hpp"
#include "connect/text_length.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;

// Of what such texts are made of, in any order.
std::string any_text(std::mt19937& dice) {
  static const std::vector<std::string> parts{
      "https://", "http://", "HTTPS://", "ipfs://", "example.org",
      "a.com",    "中国",    ".",        "/",       "?",
      "(",        ")",       "[",        "]",       "<",
      ">",        "@",       "ada",      "far.net", "_",
      "-",        "#tag",    " ",        "\n",      "\u3000",
      "。",       "あ",      "é",        "e\u0301", "👩‍👩‍👧‍👦",
      "🇩🇪",       ",",       "!",        "'",       "\"",
      "「",       "」",      "=",        "&",       "%20",
      "a",        "b",       "x1",       ":",       ":8080",
      "://",      "//",      "~",        "|",       "\u200e",
      "xn--p1ai", "bücher",  ".москва",  "@bob",    "@ada@far.net",
      "／",       "＠",      "＃",       "$",       "*",
      "/a_(b)",   "(c(d)e)", "/あ",      "?q=あ",   "https://a.org",
      ";",        "+",       "^",        "$a",      ".."};
  std::string text;
  const auto count = std::uniform_int_distribution<int>(1, 14)(dice);
  for (int i = 0; i < count; ++i) text += parts[dice() % parts.size()];
  return text;
}

TEST(CountableText, IsCountedAsTheServerDoes) {
  if (const auto why = FakeMastodon::missing()) GTEST_SKIP() << *why;
  FakeMastodon fake;
  std::mt19937 dice(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same texts each time
  json::array texts;
  for (int i = 0; i < 4'000; ++i) texts.emplace_back(any_text(dice));
  const auto told = fake.control("count", json::serialize(json::object{{"texts", texts}}));
  const auto& lengths = told.at("lengths").as_array();
  ASSERT_EQ(lengths.size(), texts.size());
  PlatformLimits limits;
  limits.text_unit = PlatformLimits::Unit::links_alike;
  limits.url_length = 23;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string_view text(texts[i].as_string());
    EXPECT_EQ(text_length("", text, limits), lengths[i].to_number<std::int64_t>()) << text;
  }
}

}  // namespace
}  // namespace linnet::connect::mastodon
