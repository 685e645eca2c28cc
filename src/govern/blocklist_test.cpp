#include "govern/blocklist.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.hpp"
#include "govern/blocklist_csv.hpp"
#include "govern/opt_out_signs.hpp"
#include "kit/test_database.hpp"

namespace linnet::govern {
namespace {

BlocklistEntry entry(EntryType type, MatchType match, std::string value) {
  BlocklistEntry made;
  made.type = type;
  made.match = match;
  made.value = std::move(value);
  made.reason = "test";
  return made;
}

BlockSubject subject(std::string name, std::string text = {}, std::vector<std::string> links = {}) {
  return {"mastodon", "1", std::move(name), "p1", {std::move(text)}, std::move(links)};
}

bool blocks(std::vector<BlocklistEntry> entries, const BlockSubject& about) {
  for (auto& one : entries) one = normalise(one, Instant{}).value();
  return BlocklistMatcher(std::move(entries)).find(about, Instant{}) != nullptr;
}

TEST(BlocklistMatcher, KnowsPeoplePostsWordsAndDomains) {
  using enum EntryType;
  using enum MatchType;
  EXPECT_TRUE(blocks({entry(user, exact, "@Ada@Example.social")}, subject("ada@example.SOCIAL")));
  EXPECT_FALSE(blocks({entry(user, exact, "ada@example.social")}, subject("adam@example.social")));
  EXPECT_TRUE(blocks({entry(user, exact, "1")}, subject("ada")));  // by id
  EXPECT_TRUE(blocks({entry(post, exact, "p1")}, subject("ada")));
  EXPECT_TRUE(blocks({entry(domain, exact, "example.social")}, subject("ada@example.social")));
  EXPECT_TRUE(blocks({entry(domain, exact, "example.social")}, subject("ada@sub.example.social")));
  EXPECT_FALSE(blocks({entry(domain, exact, "example.social")}, subject("ada@notexample.social")));
  EXPECT_TRUE(blocks({entry(domain, exact, "https://Shop.example/")},
                     subject("a", "", {"https://a.shop.example/x"})));
  EXPECT_TRUE(blocks({entry(domain, exact, "bücher.example")}, subject("ada@bücher.example")));
  EXPECT_TRUE(blocks({entry(domain, exact, "bücher.example")}, subject("ada@xn--bcher-kva.example")));
  EXPECT_TRUE(blocks({entry(keyword, exact, "Spam")}, subject("a", "no SPAM!")));
  EXPECT_FALSE(blocks({entry(keyword, exact, "spam")}, subject("a", "spammer, antispam, spam_1")));
  EXPECT_TRUE(blocks({entry(keyword, contains, "spam")}, subject("a", "a spammer")));
  EXPECT_TRUE(blocks({entry(keyword, exact, "größe")}, subject("a", "Die GRÖSSE? Nein: Größe.")));
  EXPECT_TRUE(blocks({entry(keyword, regex, R"(buy\s+\d+ followers)")}, subject("a", "buy  100 followers")));
  EXPECT_TRUE(blocks({entry(user, regex, "^promo[0-9]+@")}, subject("Promo77@x.example")));
}

TEST(BlocklistMatcher, ForgetsWhatExpiredAndPutsOptOutsFirst) {
  auto passing = entry(EntryType::user, MatchType::exact, "ada");
  passing.expires_at = Instant(std::chrono::hours(1));
  auto word = entry(EntryType::user, MatchType::contains, "ad");
  word.added_by = AddedBy::opt_out;
  const BlocklistMatcher matcher({passing, word});
  EXPECT_EQ(matcher.find(subject("ada"), Instant{})->added_by, AddedBy::opt_out);
  EXPECT_EQ(matcher.find_all(subject("ada"), Instant{}).size(), 2);
  EXPECT_EQ(matcher.find_all(subject("ada"), Instant(std::chrono::hours(2))).size(), 1);
}

TEST(BlocklistMatcher, KeepsToThePlatform) {
  auto one = entry(EntryType::user, MatchType::exact, "ada");
  one.platform = "bluesky";
  EXPECT_FALSE(blocks({one}, subject("ada")));
}

// The tables agree with looking at each entry by itself.
RC_GTEST_PROP(BlocklistMatcher, AgreesWithLookingOneByOne, ()) {
  const auto word = rc::gen::exec([] {
    std::string made;
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i)
      made += *rc::gen::element<std::string>("a", "b", "c", "ä", " ");
    return made;
  });
  std::vector<BlocklistEntry> entries;
  const int count = *rc::gen::inRange(1, 12);
  for (int i = 0; i < count; ++i) {
    const auto value = *word;
    if (trim(value).empty()) continue;
    entries.push_back(
        normalise(entry(EntryType::keyword, *rc::gen::element(MatchType::exact, MatchType::contains), value),
                  Instant{})
            .value());
  }
  std::string text;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i) text += *word;
  const BlocklistMatcher all(entries);
  std::size_t expected = 0;
  for (const auto& one : entries) {
    const BlocklistMatcher single({one});
    bool found = false;
    for (auto at = text.find(one.value); at != std::string::npos; at = text.find(one.value, at + 1)) {
      const auto letter = [](char c) { return c != ' '; };
      const bool whole = (at == 0 || !letter(text[at - 1])) &&
                         (at + one.value.size() == text.size() || !letter(text[at + one.value.size()]));
      found = found || one.match == MatchType::contains || whole;
    }
    RC_ASSERT(found == (single.find(subject("x", text), Instant{}) != nullptr));
    if (found) ++expected;
  }
  RC_ASSERT(all.find_all(subject("x", text), Instant{}).size() == expected);
}

TEST(BlocklistEntry, NamesWhatIsWrong) {
  const auto message = [](BlocklistEntry one) {
    const auto result = normalise(std::move(one), Instant(std::chrono::hours(1)));
    return result ? std::string("fine") : result.error().safe;
  };
  EXPECT_NE(message(entry(EntryType::user, MatchType::exact, " ")).find("value: expected"),
            std::string::npos);
  EXPECT_NE(message(entry(EntryType::keyword, MatchType::regex, "(a")).find("missing )"), std::string::npos);
  EXPECT_NE(message(entry(EntryType::keyword, MatchType::regex, R"((\w{1000}){1000})")).find("RE2"),
            std::string::npos);
  EXPECT_NE(message(entry(EntryType::domain, MatchType::exact, "nowhere")).find("example.org"),
            std::string::npos);
  auto past = entry(EntryType::user, MatchType::exact, "a");
  past.expires_at = Instant{};
  EXPECT_NE(message(past).find("expires_at"), std::string::npos);
}

TEST(OptOut, IsReadFromProfilesAndMessages) {
  for (const auto* const yes : {"Painter. #nobot", "#NoBots please", "x #noindex", "#NoAutomation"})
    EXPECT_TRUE(profile_opts_out(yes)) << yes;
  for (const auto* const no : {"#nobotany", "nobot", "https://x.example/#nobot", "&#nobot"})
    EXPECT_FALSE(profile_opts_out(no)) << no;
  for (const auto* const yes :
       {"STOP", "Please stop.", "@linnet@x.example unsubscribe!", "Please don't contact me again",
        "Don’t message me", "Schreib mir bitte nicht mehr", "ne m'écrivez plus !", "No me escribas más",
        "opt out"})
    EXPECT_TRUE(message_opts_out(yes)) << yes;
  for (const auto* const no : {"don't stop", "Stop by tomorrow!", "I can't stop laughing",
                               "Where do I unsubscribe?", "They told me not to contact you", "Write me",
                               "I don't write messages on Sundays", "Do not write media files to the share",
                               "You never write me back!", "I would be sad if you don't contact me"})
    EXPECT_FALSE(message_opts_out(no)) << no;
}

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
    auto one = entry(EntryType::domain, MatchType::exact, "d" + std::to_string(i) + ".example");
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

class BlocklistStore : public testing::TestWithParam<store::Engine> {};

TEST_P(BlocklistStore, KeepsOptOutsPastErasure) {
  if (GetParam() == store::Engine::postgres && test::postgres_address() == nullptr)
    GTEST_SKIP() << "no PostgreSQL";
  const test::TestDatabase database(GetParam());
  auto writer = std::move(store::Writer::start(*database)).value();
  ManualClock clock(Instant(std::chrono::hours(1000)));
  Blocklist list(*database, *writer, clock);
  EXPECT_FALSE(list.check(subject("ada"), "").value());
  ASSERT_TRUE(list.opt_out("mastodon", "1", "message"));
  clock.advance(std::chrono::seconds(1));
  const auto hit = list.check(subject("ada"), "").value();
  ASSERT_TRUE(hit);
  EXPECT_TRUE(hit->is_opt_out);
  EXPECT_EQ(list.remove(hit->entry_id).error().kind, ErrorKind::denied);
  ASSERT_TRUE(list.keep_fingerprint("mastodon", "1"));
  ASSERT_TRUE(list.remove(hit->entry_id, true));
  clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(list.check(subject("ada"), "").value()->is_opt_out);
  EXPECT_TRUE(list.check(subject("b"), "I paint #nobot").value()->is_opt_out);
}

INSTANTIATE_TEST_SUITE_P(Engines, BlocklistStore,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::govern
