// An entry of each kind, in the first line, and what a stranger wrote, in the others: what is kept stays as
// it is, and the matcher finds what looking at it by itself finds.
#include "expect.hpp"
#include "kit/naive_blocklist.hpp"

using linnet::fuzz::expect;
using namespace linnet::govern;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = linnet::fuzz::text_of(data, size);
  const auto end = std::min(input.find('\n'), input.size());
  const std::string text(input.substr(std::min(end + 1, input.size())));
  std::vector<BlocklistEntry> entries;
  for (const auto type : {EntryType::user, EntryType::post, EntryType::keyword, EntryType::domain}) {
    for (const auto match : {MatchType::exact, MatchType::contains, MatchType::regex}) {
      BlocklistEntry entry;
      entry.type = type;
      entry.match = match;
      entry.value = input.substr(0, end);
      entry.reason = "fuzz";
      const auto kept = normalise(std::move(entry), {});
      if (!kept) continue;
      const auto again = normalise(*kept, {});
      expect(again && again->value == kept->value);
      entries.push_back(*kept);
    }
  }
  const BlockSubject subject{"mastodon", text, "ada@" + text, text, {text}, {text, "https://" + text}, text};
  std::vector<std::size_t> found;
  const BlocklistMatcher matcher(entries);
  for (const auto* const entry : matcher.find_all(subject, {})) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].type == entry->type && entries[i].match == entry->match) found.push_back(i);
    }
  }
  expect(found == linnet::test::NaiveBlocklist(entries).find_all(subject, {}));
  expect((matcher.find(subject, {}) == nullptr) == found.empty());
  return 0;
}
