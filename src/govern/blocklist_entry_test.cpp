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
  auto past = block_entry(EntryType::user, MatchType::exact, "a");
  past.expires_at = Instant{};
  EXPECT_NE(message(past).find("expires_at"), std::string::npos);
}

}  // namespace
}  // namespace linnet::govern
