#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <map>
#include <set>

#include "base/text.hpp"
#include "reflect/answer.hpp"

namespace linnet::reflect {
namespace {

constexpr std::size_t kSentences = 3;
constexpr std::size_t kLongestSentence = 300;
constexpr std::size_t kLeastWord = 4;  // letters: shorter ones are mostly «the» and «und»

struct Sentence {
  const Passage* of = nullptr;
  std::string text;
  std::vector<std::string> words;
  double weight = 0;
};

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (count_code_points(word) >= static_cast<std::int64_t>(kLeastWord)) words.push_back(word);
    word.clear();
  };
  for (const char c : comparable(text)) {
    const bool is_letter = (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
    if (is_letter)
      word += c;
    else
      end_word();
  }
  end_word();
  return words;
}

void add_sentences(const Passage& passage, std::vector<Sentence>& into) {
  std::string_view rest = passage.text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of(".!?\n"), rest.size() - 1);
    Sentence one{.of = &passage,
                 .text = std::string(truncate_utf8(trim(rest.substr(0, end + 1)), kLongestSentence))};
    rest.remove_prefix(end + 1);
    one.words = words_in(one.text);
    if (one.words.size() >= 3) into.push_back(std::move(one));
  }
}

// In how many passages a word stands: what many say is what it is about.
std::map<std::string, int> spread_of(const std::vector<Passage>& passages) {
  std::map<std::string, int> spread;
  for (const auto& passage : passages) {
    const auto words = words_in(passage.text);
    for (const auto& word : std::set<std::string>(words.begin(), words.end())) ++spread[word];
  }
  return spread;
}

std::vector<std::string> leading_words(const std::map<std::string, int>& spread, std::size_t most) {
  std::vector<std::pair<int, std::string>> order;
  for (const auto& [word, count] : spread)
    if (count > 1) order.emplace_back(-count, word);
  std::ranges::sort(order);
  std::vector<std::string> words;
  for (const auto& [count, word] : order)
    if (words.size() < most) words.push_back(word);
  return words;
}

std::vector<Sentence> weightiest(const std::vector<Passage>& passages,
                                 const std::map<std::string, int>& spread) {
  std::vector<Sentence> sentences;
  for (const auto& passage : passages) add_sentences(passage, sentences);
  std::vector<Sentence> chosen;
  std::set<std::string> said;
  while (chosen.size() < kSentences) {
    // What was said already counts no more, so that three do not say the same.
    for (auto& one : sentences) {
      one.weight = 0;
      for (const auto& word : std::set<std::string>(one.words.begin(), one.words.end()))
        if (!said.contains(word)) one.weight += std::log2(1.0 + spread.at(word));
      one.weight /= std::sqrt(static_cast<double>(one.words.size()) + 4);
    }
    const auto best = std::ranges::max_element(sentences, {}, &Sentence::weight);
    if (best == sentences.end() || best->weight <= 0) break;
    said.insert(best->words.begin(), best->words.end());
    chosen.push_back(*best);
  }
  std::ranges::stable_sort(chosen, {}, [](const Sentence& one) { return one.of->at; });
  return chosen;
}

}  // namespace

std::string extract(const std::vector<Passage>& passages) {
  namespace json = boost::json;
  const auto spread = spread_of(passages);
  const auto sentences = weightiest(passages, spread);
  std::set<std::string> people;
  for (const auto& passage : passages) people.insert(passage.who);
  std::string content =
      fmt::format("Extract, made without a language model, of {} texts by {}.", passages.size(),
                  people.size() == 1 ? "one" : fmt::format("{}", people.size()));
  const auto leading = leading_words(spread, 5);
  if (!leading.empty()) content += fmt::format(" Much said: {}.", fmt::join(leading, ", "));
  for (const auto& one : sentences) content += fmt::format("\n{}: «{}»", one.of->who, one.text);
  json::array tags;
  for (const auto& word : leading) tags.emplace_back(word);
  return json::serialize(json::object{{"content", truncate_utf8(content, 3'900)},
                                      {"confidence", 0.3},
                                      {"importance", 0.4},
                                      {"novelty", 0.5},
                                      {"tags", std::move(tags)}});
}

}  // namespace linnet::reflect
