// The word lists of VADER, as make_vader_tables.py lays them out at build time. They are constants in the
// program file: nothing is built at start-up. The lists are by C.J. Hutto, MIT licence; see docs/analysis.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace linnet::analyze::vader {

// The words that rules ask for by name. make_vader_tables.py numbers them in this order, then those of
// idioms.
enum class Word : std::uint8_t {
  none,
  no,
  or_,
  nor,
  so,
  this_,
  never,
  without,
  doubt,
  but,
  least,
  at,
  very,
  kind,
  of
};

struct Entry {
  std::uint32_t text_at = 0;
  std::uint8_t text_length = 0;  // 0: an empty slot
  std::int8_t valence_tenths = 0;
  std::int8_t boost = 0;  // 1: strengthens what follows, -1: dampens it
  bool in_lexicon = false;
  bool negates = false;
  Word word = Word::none;
};

struct Idiom {
  Word words[3];   // none in the last place: two words
  double valence;  // what the idiom is worth, or what it adds where it boosts
};

struct Emoji {
  char32_t code_point;
  std::uint32_t text_at;
  std::uint8_t text_length;
};

inline constexpr std::size_t kSlots = 16384;  // an open-addressed hash table, a power of two

extern const char* const kWordText;
extern const std::size_t kLongestWord;
extern const Entry kEntries[kSlots];
extern const Idiom kIdioms[];
extern const std::size_t kIdiomCount;
extern const Idiom kBoosterPairs[];
extern const std::size_t kBoosterPairCount;
extern const char* const kEmojiText;
extern const Emoji kEmojis[];  // by code point
extern const std::size_t kEmojiCount;

// FNV-1a, 32 bits, over the word in lower case: the same in make_vader_tables.py.
inline constexpr std::uint32_t kHashStart = 2166136261U;
constexpr std::uint32_t hash_step(std::uint32_t hash, char c) {
  return (hash ^ static_cast<std::uint8_t>(c)) * 16777619U;
}

}  // namespace linnet::analyze::vader
