// Whatever is in the list and whatever is looked at: the matcher finds what looking at each entry by itself
// finds.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "govern/blocklist_forms.hpp"
#include "kit/blocklist.hpp"
#include "kit/naive_blocklist.hpp"

namespace linnet::govern {
namespace {

constexpr Instant kNow(std::chrono::hours(1));

using Pieces = std::vector<std::string>;

// Few pieces, so that what is drawn for an entry comes up in what is looked at.
const Pieces kWords{"a",  "b", "B", "ab", "ä", "a\u0308", "Ａ",     "ß", "ss",
                    "का", "क", " ", "_",  "7", "-",       "\u200B", "!"};
const Pieces kNames{"ada",        "Ada", "ＡＤＡ",    "bo",          "1",
                    "did:plc:aB", "@",   "x.example", "b.x.example", "bücher.example"};
const Pieces kHosts{"x.example", "X.example", "b.x.example",    "c.b.x.example",        "bx.example",
                    "example",   "y.org",     "bücher.example", "xn--bcher-kva.example"};
const Pieces kPatterns{"a",   "B", "ä",    "Ａ",      "[ab]", "ss",   "^",     "$",
                       "\\b", ".", "x[.]", "(?:7|-)", "a+",   "\\pL", "(?-i)A"};

rc::Gen<std::string> joined(const Pieces& pieces, int most) {
  return rc::gen::exec([&pieces, most] {
    std::string made;
    for (int i = *rc::gen::inRange(1, most + 1); i > 0; --i) made += *rc::gen::elementOf(pieces);
    return made;
  });
}

rc::Gen<std::string> any_name() {
  return rc::gen::exec([] {
    auto name = *rc::gen::elementOf(kNames);
    if (*rc::gen::arbitrary<bool>()) name += "@" + *rc::gen::elementOf(kHosts);
    return name;
  });
}

std::string any_value(EntryType type, MatchType match) {
  if (match == MatchType::regex) return *joined(kPatterns, 3);
  if (type == EntryType::user) return match == MatchType::exact ? *any_name() : *joined(kNames, 1);
  if (type == EntryType::domain) return *rc::gen::elementOf(kHosts);
  if (type == EntryType::post) return *rc::gen::element<std::string>("p1", "p2", "P1", "p");
  return *joined(kWords, 2);
}

std::vector<BlocklistEntry> any_entries(const std::vector<EntryType>& types,
                                        const std::vector<MatchType>& matches) {
  std::vector<BlocklistEntry> entries;
  for (int i = *rc::gen::inRange(1, 16); i > 0; --i) {
    const auto type = *rc::gen::elementOf(types);
    const auto match = *rc::gen::elementOf(matches);
    auto one = test::block_entry(type, match, any_value(type, match));
    one.id = std::to_string(i);
    one.platform = *rc::gen::element<std::string>("", "", "mastodon", "bluesky");
    one.added_by = *rc::gen::element(AddedBy::user, AddedBy::system, AddedBy::opt_out);
    if (one.added_by != AddedBy::opt_out && *rc::gen::arbitrary<bool>())
      one.expires_at = kNow + Duration(*rc::gen::inRange(1, 4));
    if (auto kept = normalise(std::move(one), kNow)) entries.push_back(std::move(kept).value());
  }
  return entries;
}

BlockSubject any_subject() {
  BlockSubject subject;
  subject.platform = *rc::gen::element<std::string>("mastodon", "bluesky");
  subject.user_name = *any_name();
  subject.user_id =
      *rc::gen::oneOf(any_name(), rc::gen::just(subject.user_name), rc::gen::just(std::string()));
  subject.server = *rc::gen::element<std::string>("", "example.social",
                                                  std::string(server_of(user_key(subject.user_name))));
  subject.post_id = *rc::gen::element<std::string>("", "p1", "p2", "P1");
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) subject.texts.push_back(*joined(kWords, 8));
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i)
    subject.links.push_back(*rc::gen::element<std::string>("https://", "http://a@", "HTTPS://", "") +
                            *rc::gen::elementOf(kHosts) +
                            *rc::gen::element<std::string>("", "/p", ".:8080", "?x"));
  return subject;
}

void expect_agreement(const std::vector<EntryType>& types, const std::vector<MatchType>& matches) {
  const auto entries = any_entries(types, matches);
  const BlocklistMatcher matcher(entries);
  const test::NaiveBlocklist naive(entries);
  for (int i = 0; i < 8; ++i) {
    const auto subject = any_subject();
    const auto now = kNow + Duration(*rc::gen::inRange(0, 4));
    const auto places = naive.find_all(subject, now);
    // Opt-outs first, else in the order of the list.
    std::vector<std::string> expected;
    for (const bool is_opt_out : {true, false}) {
      for (const auto place : places) {
        if ((entries[place].added_by == AddedBy::opt_out) == is_opt_out)
          expected.push_back(entries[place].id);
      }
    }
    std::vector<std::string> found;
    for (const auto* const entry : matcher.find_all(subject, now)) found.push_back(entry->id);
    RC_ASSERT(found == expected);
    const auto* const one = matcher.find(subject, now);
    RC_ASSERT((one == nullptr) == places.empty());
    if (one != nullptr)
      RC_ASSERT((one->added_by == AddedBy::opt_out) ==
                (matcher.find_all(subject, now).front()->added_by == AddedBy::opt_out));
  }
}

const std::vector<MatchType> kAllMatches{MatchType::exact, MatchType::contains, MatchType::regex};

RC_GTEST_PROP(BlocklistAgreesWithLookingOneByOne, AtUsers, ()) {
  expect_agreement({EntryType::user}, {MatchType::exact, MatchType::contains});
}
RC_GTEST_PROP(BlocklistAgreesWithLookingOneByOne, AtPosts, ()) {
  expect_agreement({EntryType::post}, {MatchType::exact, MatchType::contains});
}
RC_GTEST_PROP(BlocklistAgreesWithLookingOneByOne, AtDomainsAndWhatIsBelowThem, ()) {
  expect_agreement({EntryType::domain}, {MatchType::exact, MatchType::contains});
}
RC_GTEST_PROP(BlocklistAgreesWithLookingOneByOne, AtWords, ()) {
  expect_agreement({EntryType::keyword}, {MatchType::exact, MatchType::contains});
}
RC_GTEST_PROP(BlocklistAgreesWithLookingOneByOne, AtPatternsOfEveryType, ()) {
  expect_agreement({EntryType::user, EntryType::post, EntryType::keyword, EntryType::domain},
                   {MatchType::regex});
}
RC_GTEST_PROP(BlocklistAgreesWithLookingOneByOne, AtAllOfThemTogether, ()) {
  expect_agreement({EntryType::user, EntryType::post, EntryType::keyword, EntryType::domain}, kAllMatches);
}

}  // namespace
}  // namespace linnet::govern
