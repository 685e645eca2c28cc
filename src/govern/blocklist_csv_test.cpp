#include "govern/blocklist_csv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.hpp"
#include "kit/blocklist.hpp"

namespace linnet::govern {
namespace {

using test::block_entry;

constexpr Instant kNow(std::chrono::hours(1));

CsvImport read(std::string_view csv) {
  BlocklistEntry like;
  like.reason = "imported";
  return read_blocklist_csv(csv, like, Silenced::left_out, kNow).value();
}

TEST(BlocklistCsv, ReadsMastodonsLists) {
  const auto admin = read(
      "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n"
      "bad.example,suspend,false,false,\"spam, \"\"ads\"\"\",false\r\n"
      "ex***le.social,suspend,,,,\r\n");
  ASSERT_EQ(admin.entries.size(), 1);
  EXPECT_EQ(admin.entries.front().reason, "spam, \"ads\"");
  ASSERT_EQ(admin.problems.size(), 1);
  EXPECT_EQ(admin.problems.front().line, 3);
  EXPECT_EQ(read("a@b.example\nb.example\n").entries.front().type, EntryType::user);
  EXPECT_EQ(read("a@b.example\nb.example\n").entries.back().type, EntryType::domain);
  EXPECT_EQ(read("").entries.size(), 0);
  EXPECT_FALSE(read_blocklist_csv("\"open", {}, Silenced::left_out, kNow));
}

TEST(BlocklistCsv, BlocksWhatAListOnlyLimitsOnlyWhenAsked) {
  constexpr std::string_view kList =
      "#domain,#severity\nbad.example,suspend\nloud.example,silence\nfine.example,noop\n";
  const auto careful = read(kList);
  ASSERT_EQ(careful.entries.size(), 1);
  EXPECT_EQ(careful.entries.front().value, "bad.example");
  ASSERT_EQ(careful.problems.size(), 2);
  EXPECT_EQ(careful.problems.front().line, 3);
  const auto all = read_blocklist_csv(kList, BlocklistEntry{.reason = "x"}, Silenced::blocked, kNow);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->entries.size(), 2);
  EXPECT_EQ(all->problems.size(), 1);
}

// Accounts of the server's own stand there without «@».
TEST(BlocklistCsv, TakesEveryAccountAddressForAUser) {
  for (const auto* const csv :
       {"Account address,Hide notifications\na@b.example,true\nada,false\nx.example,true\n",
        "\xEF\xBB\xBF\"Account address\",Hide notifications\r\na@b.example\r\nada\r\nx.example\r\n"}) {
    const auto import = read(csv);
    ASSERT_EQ(import.entries.size(), 3);
    for (const auto& one : import.entries) EXPECT_EQ(one.type, EntryType::user) << one.value;
    EXPECT_EQ(import.entries[1].value, "ada");
  }
  EXPECT_EQ(read("#domain\nada\n").problems.size(), 1);  // nor does a domain become a user
}

TEST(BlocklistCsv, BlocksNothingByASeverityThatItDoesNotKnow) {
  const auto import = read(
      "#domain,#severity\na.example,suspend\nb.example,Suspended\nc.example,\nd.example,limit\ne.example,"
      "Silence\n"
      "f.example,LIMITED\ng.example,None\nh.example,supend\ni.example,block!\n");
  ASSERT_EQ(import.entries.size(), 3U);
  EXPECT_EQ(import.entries.back().value, "c.example");
  ASSERT_EQ(import.problems.size(), 6U);
  EXPECT_EQ(import.problems[4].line, 9U);
  EXPECT_NE(import.problems[4].what.find("supend"), std::string::npos);
  const auto all = read_blocklist_csv("#domain,#severity\nd.example,Limit\nh.example,supend\n",
                                      BlocklistEntry{.reason = "x"}, Silenced::blocked, kNow);
  ASSERT_EQ(all->entries.size(), 1U);
  EXPECT_EQ(all->entries.front().value, "d.example");
}

TEST(BlocklistCsv, HeedsTheSeverityWithoutAHeading) {
  const auto import = read(
      "bad.example,suspend\nloud.example,silence\nfine.example,noop\nodd.example,true\n"
      "e@bad.example,they shout\nworse.example,\nworst.example\n");
  std::vector<std::string> values;
  for (const auto& entry : import.entries) values.push_back(entry.value);
  EXPECT_EQ(values, (std::vector<std::string>{"bad.example", "worse.example", "worst.example"}));
  ASSERT_EQ(import.problems.size(), 4U);
  EXPECT_EQ(import.problems.front().line, 2U);
  EXPECT_NE(import.problems.back().what.find("no heading"), std::string::npos);
  const auto all =
      read_blocklist_csv("loud.example,silence\n", BlocklistEntry{.reason = "x"}, Silenced::blocked, kNow);
  EXPECT_EQ(all->entries.size(), 1U);
}

TEST(BlocklistCsv, TakesTheSeparatorsOfSpreadsheets) {
  for (const auto* const csv :
       {"#domain;#severity;#public_comment\r\nbad.example;suspend;\"a; b\"\r\nloud.example;silence;\r\n",
        "#domain\t#severity\t#public_comment\nbad.example\tsuspend\ta; b\nloud.example\tsilence\t\n",
        "sep=;\r\n#domain;#severity;#public_comment\r\nbad.example;suspend;\"a; "
        "b\"\r\nloud.example;silence;\r\n",
        "\"#domain\";\"#severity\";\"#public_comment, if "
        "any\"\nbad.example;suspend;x\nloud.example;silence;\n"}) {
    const auto import = read(csv);
    ASSERT_EQ(import.entries.size(), 1U) << csv;
    EXPECT_EQ(import.entries.front().value, "bad.example");
    EXPECT_EQ(import.problems.size(), 1U);
  }
  EXPECT_EQ(read("sep=;\n#domain;#severity\nodd.example;supend\n").problems.front().line, 3U);
  EXPECT_NE(read_blocklist_csv("\xFF\xFE#\0", {}, Silenced::left_out, kNow).error().safe.find("UTF-16"),
            std::string::npos);
}

TEST(BlocklistCsv, RefusesListsOfPeopleWhomNobodyMeansToBlock) {
  const auto error = [](std::string_view csv) {
    const auto import = read_blocklist_csv(csv, BlocklistEntry{.reason = "x"}, Silenced::left_out, kNow);
    return import ? std::string() : import.error().safe;
  };
  EXPECT_NE(error("Account address,Show boosts,Notify on new posts,Languages\na@b.example,true,false,\n"),
            "");
  EXPECT_NE(error("Account address,Show boosts\na@b.example,true\n"), "");
  EXPECT_NE(error("Account address\na@b.example\n").find("followers"), std::string::npos);
  EXPECT_EQ(error("Account address,Hide notifications\na@b.example,true\n"), "");
  EXPECT_EQ(read_blocklist_csv("Account address\na@b.example\n", BlocklistEntry{.reason = "x"},
                               Silenced::left_out, kNow, AccountLists::blocked)
                ->entries.size(),
            1U);
  // Bookmarks name pages; their servers have done nothing.
  const auto bookmarks = read("https://good.example/users/ada/statuses/1\nhttps://bad.example/\n");
  ASSERT_EQ(bookmarks.entries.size(), 1U);
  EXPECT_EQ(bookmarks.entries.front().value, "bad.example");
}

TEST(BlocklistCsv, ReadsJsonOfServers) {
  const auto read_any = [](std::string_view text) {
    return read_blocklist(text, BlocklistEntry{.reason = "imported"}, Silenced::left_out, kNow,
                          AccountLists::refused);
  };
  const auto import = read_any(
      R"( [{"domain":"bad.example","obfuscate":true,"public_comment":"spam"},{"domain":"loud.example","severity":"silence"},
          {"domain":"odd.example","severity":"supend"},{"name":"x"},"worse.example",7])");
  ASSERT_TRUE(import) << import.error().safe;
  ASSERT_EQ(import->entries.size(), 2U);
  EXPECT_EQ(import->entries.front().value, "bad.example");
  EXPECT_EQ(import->entries.front().reason, "spam");
  EXPECT_EQ(import->entries.back().value, "worse.example");
  ASSERT_EQ(import->problems.size(), 4U);
  EXPECT_EQ(import->problems.front().line, 2U);
  EXPECT_FALSE(read_any("[{\"domain\":"));
  EXPECT_FALSE(read_any(R"({"error":"not allowed"})"));
  EXPECT_EQ(read_any("#domain\nbad.example\n")->entries.size(), 1U);
}

TEST(BlocklistCsv, HandsOnWhatIsOnlyLimitedAsItCame) {
  for (
      const std::string_view list :
      {"#domain,#severity,#public_comment\nbad.example,suspend,ads\nquiet.example,silence,loud\n",
       R"([{"domain":"bad.example","comment":"ads"},{"domain":"quiet.example","severity":"limit","comment":"loud"}])"}) {
    const auto import =
        read_blocklist(list, BlocklistEntry{.reason = "x"}, Silenced::blocked, kNow, AccountLists::refused);
    ASSERT_TRUE(import) << import.error().safe;
    const auto csv = domains_to_csv(import->entries);
    EXPECT_NE(csv.find("\nbad.example,suspend,false,false,ads,"), std::string::npos) << csv;
    EXPECT_NE(csv.find("\nquiet.example,silence,false,false,loud,"), std::string::npos) << csv;
  }
}

TEST(BlocklistCsv, LeavesNoFormulaForASpreadsheet) {
  auto one = block_entry(EntryType::domain, MatchType::exact, "bad.example");
  for (const std::string_view reason :
       {"=HYPERLINK(\"https://evil.example\")", "+1", "-1+2", "@SUM(A1)", "＝1"}) {
    one.reason = reason;
    const auto csv = domains_to_csv({one});
    const auto cell = csv.find(std::string("'") + std::string(reason.substr(0, 2)));
    EXPECT_NE(cell, std::string::npos) << csv;
    EXPECT_EQ(read(csv).entries.front().reason, reason);
  }
  one.reason = "'=quoted";
  EXPECT_EQ(read(domains_to_csv({one})).entries.front().reason, "'=quoted");
  auto person = block_entry(EntryType::user, MatchType::exact, "-x@bad.example");
  EXPECT_NE(users_to_csv({person}).find("\n'-x@"), std::string::npos);
}

TEST(BlocklistCsv, NamesTheLineOfEveryRowLeftOut) {
  const auto import = read(
      "#domain,#public_comment,#expires_at,#platform\n"
      "good.example,\"over\ntwo lines\",,\n"
      "nowhere,,,\n"                 // 4: no domain
      ",x,,\n"                       // 5: nothing
      "past.example,,1970-01-01,\n"  // 6: expired
      "odd.example,,soon,\n"         // 7: no time
      "\n"
      "new.example,,,myspace\n"  // 9: no platform
      "b*d.example,,,\n"         // 10: hidden
      "other.example,\"\xFF\",2030-01-01,Mastodon\n");
  ASSERT_EQ(import.entries.size(), 2);
  EXPECT_EQ(import.entries[0].reason, "over\ntwo lines");
  EXPECT_EQ(import.entries[1].reason, "\uFFFD");
  EXPECT_EQ(import.entries[1].platform, "mastodon");
  EXPECT_TRUE(import.entries[1].expires_at);
  std::vector<std::size_t> lines;
  for (const auto& problem : import.problems) lines.push_back(problem.line);
  EXPECT_EQ(lines, (std::vector<std::size_t>{4, 5, 6, 7, 9, 10}));
  EXPECT_NE(import.problems.front().what.find("example.org"), std::string::npos);
}

TEST(BlocklistCsv, KeepsOptOutsToItself) {
  auto one = block_entry(EntryType::user, MatchType::exact, "ada");
  one.added_by = AddedBy::opt_out;
  EXPECT_EQ(users_to_csv({one}), "Account address,#public_comment\n");
}

rc::Gen<std::string> any_text(int longest) {
  return rc::gen::exec([longest] {
    std::string made;
    for (int i = *rc::gen::inRange(0, longest); i > 0; --i)
      made +=
          *rc::gen::element<std::string>("a", "B", "7", "é", "e\u0301", "Ａ", "漢", "@", "*", ".", ",", "\"",
                                         "'", "\n", "\r", "\t", " ", "\u00A0", "#", "=", "-", "domain");
    return made;
  });
}

rc::Gen<BlocklistEntry> any_entry(EntryType type) {
  return rc::gen::exec([type] {
    const auto name = *any_text(8);
    auto one = block_entry(type, MatchType::exact,
                           type == EntryType::domain ? *rc::gen::element<std::string>("a", "B", "é", "*") +
                                                           *rc::gen::element<std::string>(".example", ".ÖRG")
                                                     : name);
    one.reason = *any_text(12);
    one.platform = *rc::gen::element<std::string>("", "", "mastodon", "bluesky");
    if (*rc::gen::arbitrary<bool>()) one.expires_at = kNow + Duration(*rc::gen::inRange(1, 1'000'000'000));
    return one;
  });
}

// What is exported and imported again is the same list.
RC_GTEST_PROP(BlocklistCsv, ReadsWhatItWrote, ()) {
  for (const auto type : {EntryType::user, EntryType::domain}) {
    std::vector<BlocklistEntry> entries;
    for (auto& one : *rc::gen::container<std::vector<BlocklistEntry>>(any_entry(type))) {
      if (auto kept = normalise(std::move(one), kNow)) entries.push_back(std::move(kept).value());
    }
    const auto again = read(type == EntryType::user ? users_to_csv(entries) : domains_to_csv(entries));
    RC_ASSERT(again.problems.empty());
    RC_ASSERT(again.entries.size() == entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      RC_ASSERT(again.entries[i].type == entries[i].type);
      RC_ASSERT(again.entries[i].value == entries[i].value);
      RC_ASSERT(again.entries[i].reason == entries[i].reason);
      RC_ASSERT(again.entries[i].platform == entries[i].platform);
      RC_ASSERT(again.entries[i].expires_at == entries[i].expires_at);
    }
  }
}

}  // namespace
}  // namespace linnet::govern
