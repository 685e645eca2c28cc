#include "govern/blocklist_entry.hpp"

#include <gtest/gtest.h>

#include "kit/blocklist.hpp"

namespace linnet::govern {
namespace {

using test::block_entry;

TEST(BlocklistEntry, NamesWhatIsWrong) {
  const auto message = [](BlocklistEntry one) {
    const auto result = normalise(std::move(one), Instant(std::chrono::hours(1)));
    return result ? std::string("fine") : result.error().safe;
  };
  EXPECT_NE(message(block_entry(EntryType::user, MatchType::exact, " ")).find("value: expected"),
            std::string::npos);
  EXPECT_NE(message(block_entry(EntryType::keyword, MatchType::regex, "(a")).find("missing )"),
            std::string::npos);
  EXPECT_NE(message(block_entry(EntryType::keyword, MatchType::regex, R"((\w{1000}){1000})")).find("RE2"),
            std::string::npos);
  EXPECT_NE(message(block_entry(EntryType::domain, MatchType::exact, "nowhere")).find("example.org"),
            std::string::npos);
  EXPECT_NE(message(block_entry(EntryType::keyword, MatchType::exact, "\u200B")).find("value: expected"),
            std::string::npos);
  EXPECT_NE(message(block_entry(EntryType::user, MatchType::exact, "ada@one.example@two.example"))
                .find("one server"),
            std::string::npos);
  auto past = block_entry(EntryType::user, MatchType::exact, "a");
  past.expires_at = Instant{};
  EXPECT_NE(message(past).find("expires_at"), std::string::npos);
}

// A rule for a platform that nobody is on would stand there and never count.
TEST(BlocklistEntry, KnowsThePlatforms) {
  auto one = block_entry(EntryType::user, MatchType::exact, "ada");
  for (const auto* const known : {"", "mastodon", " Bluesky"}) {
    one.platform = known;
    EXPECT_TRUE(normalise(one, Instant{})) << known;
  }
  EXPECT_EQ(normalise(one, Instant{})->platform, "bluesky");
  one.platform = "myspace";
  const auto refused = normalise(one, Instant{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().safe,
            "platform: expected bluesky or discord or mastodon, got \"myspace\"; write one of these, or "
            "leave it out to "
            "mean all of them");
}

}  // namespace
}  // namespace linnet::govern
