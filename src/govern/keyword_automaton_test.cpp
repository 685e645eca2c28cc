#include "govern/keyword_automaton.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace linnet::govern {
namespace {

using Occurrences = std::multiset<std::pair<std::uint32_t, std::size_t>>;

Occurrences found_by(const KeywordAutomaton& automaton, std::string_view text) {
  Occurrences found;
  automaton.scan(text, [&](std::uint32_t word, std::size_t end) {
    found.emplace(word, end);
    return false;
  });
  return found;
}

rc::Gen<std::string> letters(int from, int to) {
  return rc::gen::exec([from, to] {
    std::string made;
    for (int i = *rc::gen::resize(1'000, rc::gen::inRange(from, to)); i > 0; --i)
      made += *rc::gen::elementOf(std::string("aabc\xC3"));
    return made;
  });
}

RC_GTEST_PROP(KeywordAutomaton, FindsEveryOccurrenceOnce, ()) {
  std::vector<std::string> words;
  for (int i = *rc::gen::inRange(0, 8); i > 0; --i) words.push_back(*letters(1, 6));
  const auto text = *letters(0, 80);
  Occurrences expected;
  for (std::uint32_t word = 0; word < words.size(); ++word) {
    for (auto at = text.find(words[word]); at != std::string::npos; at = text.find(words[word], at + 1))
      expected.emplace(word, at + words[word].size());
  }
  RC_ASSERT(found_by(KeywordAutomaton(words), text) == expected);
}

TEST(KeywordAutomaton, StopsWhenItIsTold) {
  const KeywordAutomaton automaton({"a"});
  for (const std::size_t length : {1U, 100U}) {
    int calls = 0;
    automaton.scan(std::string(length, 'a'), [&](std::uint32_t, std::size_t) { return ++calls == 1; });
    EXPECT_EQ(calls, 1);
  }
}

}  // namespace
}  // namespace linnet::govern
