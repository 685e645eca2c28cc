#include "analyze/vader_words.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace linnet::analyze::vader {
namespace {

constexpr Entry kUnlisted{};
constexpr std::size_t kLongestLookup = 32;
constexpr std::string_view kKelvin =
    "\xE2\x84\xAA";  // The one sign outside ASCII whose lower case is within: k.

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) < 0; });
}

// White space as Python's str.split() sees it.
bool is_space(UChar32 c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

const Emoji* find_emoji(UChar32 c) {
  if (c < 0x80 || (c > 0x32FF && c < 0x1F000)) return nullptr;  // Letters of most scripts: no need to search.
  const auto* end = kEmojis + kEmojiCount;
  const auto* found = std::lower_bound(kEmojis, end, static_cast<char32_t>(c),
                                       [](const Emoji& e, char32_t code) { return e.code_point < code; });
  return found != end && found->code_point == static_cast<char32_t>(c) ? found : nullptr;
}

// A blank is put before a description but none after it: so does the reference.
std::string with_emoji_described(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int64_t>(text.size());
  bool after_blank = true;
  for (std::int64_t i = 0; i < length;) {
    const auto from = i;
    UChar32 c = 0;
    U8_NEXT(bytes, i, length, c);
    if (const auto* emoji = c < 0 ? nullptr : find_emoji(c)) {
      if (!after_blank) out += ' ';
      out.append(kEmojiText + emoji->text_at, emoji->text_length);
      after_blank = false;
    } else {
      out.append(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(i - from)));
      after_blank = c == ' ';
    }
  }
  return out;
}

const Entry* find_entry(std::string_view lower_case) {
  auto hash = kHashStart;
  for (const char c : lower_case) hash = hash_step(hash, c);
  for (auto slot = hash % kSlots; kEntries[slot].text_length != 0; slot = (slot + 1) % kSlots) {
    const auto& entry = kEntries[slot];
    if (std::string_view(kWordText + entry.text_at, entry.text_length) == lower_case) return &entry;
  }
  return &kUnlisted;
}

// Every listed word that can be met is ASCII, so others need no look.
const Entry* look_up(std::string_view word) {
  std::array<char, kLongestLookup> folded;
  std::size_t length = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (length == kLongestWord || length == folded.size()) return &kUnlisted;
    if (static_cast<signed char>(word[i]) >= 0) {
      folded[length++] = lower(word[i]);
    } else if (word.substr(i, kKelvin.size()) == kKelvin) {
      folded[length++] = 'k';
      i += kKelvin.size() - 1;
    } else {
      return &kUnlisted;
    }
  }
  return find_entry({folded.data(), length});
}

bool is_upper(std::string_view word) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(word.data());
  const auto length = static_cast<std::int64_t>(word.size());
  bool has_capital = false;
  for (std::int64_t i = 0; i < length;) {
    UChar32 c = 0;
    U8_NEXT(bytes, i, length, c);
    if (c < 0x80) {
      if (c >= 'a' && c <= 'z') return false;
      has_capital = has_capital || (c >= 'A' && c <= 'Z');
      continue;
    }
    if (u_isULowercase(c) || u_istitle(c)) return false;
    has_capital = has_capital || u_isUUppercase(c);
  }
  return has_capital;
}

bool contains_not(std::string_view word) {
  for (auto at = word.find('\''); at != std::string_view::npos; at = word.find('\'', at + 1)) {
    if (at > 0 && at + 1 < word.size() && lower(word[at - 1]) == 'n' && lower(word[at + 1]) == 't')
      return true;
  }
  return false;
}

bool has_three_characters(std::string_view text) {
  if (text.size() > 8) return true;
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }) > 2;
}

std::string_view without_punctuation(std::string_view token) {
  auto stripped = token;
  while (!stripped.empty() && is_punctuation(stripped.front())) stripped.remove_prefix(1);
  while (!stripped.empty() && is_punctuation(stripped.back())) stripped.remove_suffix(1);
  return has_three_characters(stripped) ? stripped : token;
}

TextWord read_word(std::string_view token) {
  const auto word = without_punctuation(token);
  const auto* entry = look_up(word);
  return {entry, is_upper(word), entry->negates || contains_not(word)};
}

TextWords split_at_spaces(std::string_view text) {
  TextWords found;
  found.words.reserve(text.size() / 5 + 1);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int64_t>(text.size());
  std::int64_t word_at = 0;
  const auto end_word = [&](std::int64_t end) {
    if (end == word_at) return;
    found.words.push_back(
        read_word(text.substr(static_cast<std::size_t>(word_at), static_cast<std::size_t>(end - word_at))));
  };
  for (std::int64_t i = 0; i < length;) {
    const auto from = i;
    UChar32 c = 0;
    U8_NEXT(bytes, i, length, c);
    if (c == '!') ++found.exclamation_marks;
    if (c == '?') ++found.question_marks;
    if (c < 0 || !is_space(c)) continue;
    end_word(from);
    word_at = i;
  }
  end_word(length);
  return found;
}

}  // namespace

TextWords split_words(std::string_view text) {
  if (is_ascii(text)) return split_at_spaces(text);
  return split_at_spaces(with_emoji_described(text));
}

}  // namespace linnet::analyze::vader
