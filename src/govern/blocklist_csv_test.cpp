#include "govern/blocklist_csv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.hpp"
#include "kit/blocklist.hpp"

namespace linnet::govern {
namespace {

using test::block_entry;

TEST(BlocklistCsv, ReadsMastodonsLists) {
  const auto admin = read_blocklist_csv(
      "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\nbad.example,suspend,"
      "false,false,"
      "\"spam, \"\"ads\"\"\",false\r\nex***le.social,suspend,,,,\r\n",
      "imported");
  ASSERT_TRUE(admin);
  ASSERT_EQ(admin->entries.size(), 1);
  EXPECT_EQ(admin->entries.front().reason, "spam, \"ads\"");
  ASSERT_EQ(admin->problems.size(), 1);
  EXPECT_EQ(admin->problems.front().line, 3);
  EXPECT_EQ(read_blocklist_csv("a@b.example\nb.example\n", "x")->entries.front().type, EntryType::user);
  EXPECT_EQ(read_blocklist_csv("Account address,Hide notifications\na@b.example,true\n", "x")->entries.size(),
            1);
  EXPECT_FALSE(read_blocklist_csv("\"open", "x"));
}

RC_GTEST_PROP(BlocklistCsv, ReadsWhatItWrote, (const std::vector<std::string>& reasons)) {
  std::vector<BlocklistEntry> entries;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    auto one = block_entry(EntryType::domain, MatchType::exact, "d" + std::to_string(i) + ".example");
    one.reason = std::string(trim(to_valid_utf8(reasons[i]))).empty()
                     ? "x"
                     : std::string(trim(to_valid_utf8(reasons[i])));
    if (one.reason.find('\r') != std::string::npos) one.reason = "x";
    entries.push_back(one);
  }
  const auto again = read_blocklist_csv(domains_to_csv(entries), "imported");
  RC_ASSERT(again.ok());
  RC_ASSERT(again->entries.size() == entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    RC_ASSERT(again->entries[i].value == entries[i].value);
    RC_ASSERT(again->entries[i].reason == entries[i].reason);
  }
}

}  // namespace
}  // namespace linnet::govern
