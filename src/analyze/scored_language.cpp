#include "analyze/scored_language.hpp"

// CLD2's header uses FILE and does not include it.
#include <cstdio>

#include <cld2/public/compact_lang_det.h>

#include <algorithm>
#include <array>
#include <limits>

#include "analyze/language_tag.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

bool has_english_word(std::string_view text) {
  // Without those that are words elsewhere, too: «die», «was», «of», «not», «my», «i», «and».
  constexpr std::array<std::string_view, 22> kEnglish{
      "the",  "this",  "these", "those", "you",  "your",  "they",  "what",  "which",  "with",   "have",
      "been", "would", "i'm",   "i've",  "it's", "isn't", "don't", "can't", "that's", "you're", "thanks"};
  const auto folded = fold_case(text);
  constexpr std::string_view kWord = "abcdefghijklmnopqrstuvwxyz'";
  for (std::size_t begin = folded.find_first_of(kWord); begin != std::string::npos;) {
    const auto end = std::min(folded.find_first_not_of(kWord, begin), folded.size());
    const auto word = std::string_view(folded).substr(begin, end - begin);
    if (std::find(kEnglish.begin(), kEnglish.end(), word) != kEnglish.end()) return true;
    begin = folded.find_first_of(kWord, end);
  }
  return false;
}

bool looks_english(std::string_view text) {
  if (text.size() > std::size_t{std::numeric_limits<int>::max()}) return false;
  constexpr bool kIsPlainText = true;
  bool is_reliable = false;
  int text_bytes = 0;
  std::array<CLD2::Language, 3> languages{};
  std::array<int, 3> percent{};
  CLD2::DetectLanguageSummary(text.data(), static_cast<int>(text.size()), kIsPlainText, languages.data(),
                              percent.data(), &text_bytes, &is_reliable);
  if (languages.front() == CLD2::UNKNOWN_LANGUAGE) return has_english_word(text);
  return is_reliable && languages.front() == CLD2::ENGLISH;
}

}  // namespace

bool is_scored_language(std::string_view language, std::string_view text) {
  const bool is_marked =
      !language.empty() && !is_in_language(language, "und") && !is_in_language(language, "mul");
  return is_marked ? is_in_language(language, "en") : looks_english(to_valid_utf8(text));
}

}  // namespace linnet::analyze
