#include "govern/blocklist_matcher.hpp"

#include <gtest/gtest.h>

#include "kit/blocklist.hpp"

namespace linnet::govern {
namespace {

using test::block_entry;
using test::block_subject;

bool blocks(std::vector<BlocklistEntry> entries, const BlockSubject& about) {
  for (auto& one : entries) one = normalise(one, Instant{}).value();
  return BlocklistMatcher(std::move(entries)).find(about, Instant{}) != nullptr;
}

TEST(BlocklistMatcher, KnowsPeoplePostsWordsAndDomains) {
  using enum EntryType;
  using enum MatchType;
  EXPECT_TRUE(blocks({block_entry(user, exact, "@Ada@Example.social")}, block_subject("ada@example.SOCIAL")));
  EXPECT_FALSE(
      blocks({block_entry(user, exact, "ada@example.social")}, block_subject("adam@example.social")));
  EXPECT_TRUE(blocks({block_entry(user, exact, "1")}, block_subject("ada")));  // by id
  EXPECT_TRUE(blocks({block_entry(post, exact, "p1")}, block_subject("ada")));
  EXPECT_TRUE(blocks({block_entry(domain, exact, "example.social")}, block_subject("ada@example.social")));
  EXPECT_TRUE(
      blocks({block_entry(domain, exact, "example.social")}, block_subject("ada@sub.example.social")));
  EXPECT_FALSE(
      blocks({block_entry(domain, exact, "example.social")}, block_subject("ada@notexample.social")));
  EXPECT_TRUE(blocks({block_entry(domain, exact, "https://Shop.example/")},
                     block_subject("a", "", {"https://a.shop.example/x"})));
  EXPECT_TRUE(blocks({block_entry(domain, exact, "bücher.example")}, block_subject("ada@bücher.example")));
  EXPECT_TRUE(
      blocks({block_entry(domain, exact, "bücher.example")}, block_subject("ada@xn--bcher-kva.example")));
  EXPECT_TRUE(blocks({block_entry(keyword, exact, "Spam")}, block_subject("a", "no SPAM!")));
  EXPECT_FALSE(
      blocks({block_entry(keyword, exact, "spam")}, block_subject("a", "spammer, antispam, spam_1")));
  EXPECT_TRUE(blocks({block_entry(keyword, contains, "spam")}, block_subject("a", "a spammer")));
  EXPECT_TRUE(blocks({block_entry(keyword, exact, "größe")}, block_subject("a", "Die GRÖSSE? Nein: Größe.")));
  EXPECT_FALSE(blocks({block_entry(keyword, exact, "क")}, block_subject("a", "का")));  // a vowel sign goes on
  EXPECT_TRUE(blocks({block_entry(keyword, regex, R"(buy\s+\d+ followers)")},
                     block_subject("a", "buy  100 followers")));
  EXPECT_TRUE(blocks({block_entry(user, regex, "^promo[0-9]+@")}, block_subject("Promo77@x.example")));
}

TEST(BlocklistMatcher, KnowsWhatIsOnlyWrittenInAnotherWay) {
  using enum EntryType;
  using enum MatchType;
  // Names and ids in any case, typed or as a platform gave them.
  EXPECT_TRUE(blocks({block_entry(user, exact, "DID:plc:Abc")}, {"bluesky", "did:plc:abc", "x"}));
  EXPECT_TRUE(blocks({block_entry(user, exact, "did:plc:abc")}, {"bluesky", "did:plc:Abc", "x"}));
  EXPECT_TRUE(blocks({block_entry(user, exact, "Ada.Bsky.Social")}, {"bluesky", "1", "ada.bsky.social"}));
  EXPECT_NE(BlocklistMatcher({block_entry(user, exact, "DID:plc:Abc")})
                .find({"bluesky", "did:plc:Abc", "x"}, Instant{}),
            nullptr);
  EXPECT_TRUE(
      blocks({block_entry(user, exact, "＠Ａda@example.social")}, block_subject("@ada@example.social")));
  EXPECT_TRUE(blocks({block_entry(user, exact, "jose\u0301")}, block_subject("JOSÉ")));
  EXPECT_TRUE(
      blocks({block_entry(user, exact, "ada@BÜCHER.example")}, block_subject("ada@xn--bcher-kva.example")));
  EXPECT_TRUE(blocks({block_entry(user, contains, "Spam")}, block_subject("ＳＰＡＭ_77")));
  // Words and texts.
  EXPECT_TRUE(blocks({block_entry(keyword, exact, "spam")}, block_subject("a", "pure ｓｐａｍ!")));
  EXPECT_TRUE(blocks({block_entry(keyword, exact, "spam")}, block_subject("a", "s\u200Bpa\u00ADm")));
  EXPECT_TRUE(blocks({block_entry(keyword, exact, "cafe\u0301")}, block_subject("a", "Das CAFÉ.")));
  EXPECT_FALSE(blocks({block_entry(keyword, contains, "cafe")}, block_subject("a", "Das CAFE\u0301.")));
  EXPECT_TRUE(blocks({block_entry(keyword, contains, "ﬁnanz")}, block_subject("a", "Finanzen")));
  EXPECT_TRUE(blocks({block_entry(keyword, exact, "Straße")}, block_subject("a", "STRASSE")));
  // Hosts.
  EXPECT_TRUE(blocks({block_entry(domain, exact, "bad.example.")}, block_subject("a@bad.example")));
  for (const auto* const link : {"https://BAD.example/x", "http://bad.example.", "https://ada@bad.example/",
                                 "https://a:b@bad.example:81", "https://bad.example?x",
                                 " https://bad.example#x", "https://ｂａｄ.example/"})
    EXPECT_TRUE(blocks({block_entry(domain, exact, "bad.example")}, block_subject("a", "", {link}))) << link;
  for (const auto* const link : {"https://good.example/bad.example", "https://bad.example@good.example/",
                                 "https://good.example/@bad.example", "bad.example", "https:///"})
    EXPECT_FALSE(blocks({block_entry(domain, exact, "bad.example")}, block_subject("a", "", {link}))) << link;
}

// Patterns of every type alike: without regard to case unless they say so.
TEST(BlocklistMatcher, ReadsPatternsWithoutRegardToCase) {
  using enum EntryType;
  const auto pattern = [](EntryType type, std::string value) {
    return block_entry(type, MatchType::regex, std::move(value));
  };
  EXPECT_TRUE(blocks({pattern(keyword, "Buy [a-z]+ NOW")}, block_subject("a", "buy FOLLOWERS now")));
  EXPECT_TRUE(blocks({pattern(keyword, "größe")}, block_subject("a", "GRÖẞE")));
  EXPECT_TRUE(blocks({pattern(user, "^PROMO[0-9]+@")}, block_subject("Promo77@x.example")));
  EXPECT_TRUE(blocks({pattern(user, "^promo[0-9]+@")}, block_subject("@PROMO77@x.example")));
  EXPECT_TRUE(
      blocks({pattern(domain, "^Casino[0-9]+[.]")}, block_subject("a", "", {"https://CASINO9.example"})));
  EXPECT_TRUE(blocks({pattern(post, "^P[0-9]$")}, block_subject("a")));
  EXPECT_TRUE(blocks({pattern(keyword, "(?-i)NFT")}, block_subject("a", "an NFT")));
  EXPECT_FALSE(blocks({pattern(keyword, "(?-i)NFT")}, block_subject("a", "an nft")));
  EXPECT_FALSE(blocks({pattern(user, "(?-i)^Promo")}, block_subject("promo77@x.example")));
  // The text as written, and with its variants replaced.
  EXPECT_TRUE(blocks({pattern(keyword, "buy \\d+")}, block_subject("a", "ＢＵＹ １００")));
  EXPECT_TRUE(blocks({pattern(keyword, "[Ａ-Ｚ]")}, block_subject("a", "ＢＵＹ")));
  EXPECT_TRUE(blocks({pattern(keyword, "cafe\u0301")}, block_subject("a", "Café")));
  EXPECT_TRUE(blocks({pattern(keyword, "café")}, block_subject("a", "cafe\u0301")));
  EXPECT_TRUE(blocks({pattern(keyword, "（x）")}, block_subject("a", "（X）")));
  EXPECT_FALSE(blocks({pattern(keyword, "（x）")}, block_subject("a", "x")));
}

TEST(BlocklistMatcher, ForgetsWhatExpiredAndPutsOptOutsFirst) {
  auto passing = block_entry(EntryType::user, MatchType::exact, "ada");
  passing.expires_at = Instant(std::chrono::hours(1));
  auto word = block_entry(EntryType::user, MatchType::contains, "ad");
  word.added_by = AddedBy::opt_out;
  const BlocklistMatcher matcher({passing, word});
  EXPECT_EQ(matcher.find(block_subject("ada"), Instant{})->added_by, AddedBy::opt_out);
  const auto all = matcher.find_all(block_subject("ada"), Instant{});
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all.front()->added_by, AddedBy::opt_out);
  EXPECT_EQ(matcher.find_all(block_subject("ada"), Instant(std::chrono::hours(2))).size(), 1);
}

TEST(BlocklistMatcher, KeepsToThePlatform) {
  auto one = block_entry(EntryType::user, MatchType::exact, "ada");
  one.platform = "bluesky";
  EXPECT_FALSE(blocks({one}, block_subject("ada")));
}

}  // namespace
}  // namespace linnet::govern
