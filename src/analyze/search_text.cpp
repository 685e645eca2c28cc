#include "analyze/search_text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

constexpr std::size_t kLongestToken = 120;  // bytes

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) < 0; });
}

bool is_ascii_word(char c) {
  return ascii::is_alphanumeric(c);
}

// Accents that people leave out when they search. The marks of other scripts are letters in their own right.
bool is_accent(UChar32 c) {
  return (c >= 0x0300 && c <= 0x036F) ||
         (c >= 0x0591 && c <= 0x05C7 && u_charType(c) == U_NON_SPACING_MARK) ||
         (c >= 0x064B && c <= 0x065F) || c == 0x0670;
}

icu::UnicodeString normalized(const icu::UnicodeString& text, const icu::Normalizer2* form,
                              UErrorCode& status) {
  return U_FAILURE(status) ? text : form->normalize(text, status);
}

// Case, width, compatibility forms and accents folded away.
icu::UnicodeString folded(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto raw = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
  const auto cased = normalized(raw, icu::Normalizer2::getNFKCCasefoldInstance(status), status);
  const auto apart = normalized(cased, icu::Normalizer2::getNFDInstance(status), status);
  icu::UnicodeString plain;
  for (std::int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
    const auto c = apart.char32At(i);
    if (!is_accent(c)) plain.append(c);
  }
  return normalized(plain, icu::Normalizer2::getNFCInstance(status), status);
}

bool is_mark(UChar32 c) {
  return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

bool is_paired_script(UChar32 c) {
  if (c < 0x0E00) return false;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(c, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
    case USCRIPT_LANNA:
    case USCRIPT_NEW_TAI_LUE:
    case USCRIPT_TAI_LE:
    case USCRIPT_TAI_VIET:
    case USCRIPT_JAVANESE:
    case USCRIPT_BALINESE:
    case USCRIPT_TIBETAN:
    case USCRIPT_YI:
      return true;
    default:
      // The mark that lengthens a kana belongs to no script of its own.
      return c == 0x30FC;
  }
}

bool is_emoji(UChar32 c) {
  return c >= 0x203C &&
         (u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) || u_hasBinaryProperty(c, UCHAR_EMOJI));
}

enum class Kind { separator, word, paired, emoji };

Kind kind_of(UChar32 c) {
  if (c < 0x80) return is_ascii_word(static_cast<char>(c)) ? Kind::word : Kind::separator;
  if (is_emoji(c)) return Kind::emoji;
  if (!u_isalnum(c) && !is_mark(c) && c != 0x30FC) return Kind::separator;
  return is_paired_script(c) ? Kind::paired : Kind::word;
}

struct Token {
  std::string text;
  bool is_pair = false;       // two characters of a run
  bool ends_run = false;      // the character alone at the end of a run
  bool is_whole_run = false;  // … which has no other
};

class Segmenter {
 public:
  std::vector<Token> split(const icu::UnicodeString& text) {
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) add(text.char32At(i));
    end_word();
    end_run();
    return std::move(tokens_);
  }

 private:
  void add(UChar32 c) {
    // A mark goes with what it stands on.
    if (is_mark(c) && !run_.empty()) {
      append(run_.back(), c);
      return;
    }
    const auto kind = is_mark(c) && !word_.empty() ? Kind::word : kind_of(c);
    if (kind != Kind::word) end_word();
    if (kind != Kind::paired) end_run();
    if (kind == Kind::word) append(word_, c);
    if (kind == Kind::paired) append(run_.emplace_back(), c);
    if (kind == Kind::emoji) append(tokens_.emplace_back().text, c);
  }

  static void append(std::string& text, UChar32 c) {
    if (text.size() + U8_LENGTH(c) <= kLongestToken) icu::UnicodeString(c).toUTF8String(text);
  }

  void end_word() {
    if (!word_.empty()) tokens_.push_back({std::move(word_), false, false, false});
    word_.clear();
  }

  void end_run() {
    for (std::size_t i = 0; i + 1 < run_.size(); ++i)
      tokens_.push_back({run_[i] + run_[i + 1], true, false, false});
    if (!run_.empty()) tokens_.push_back({run_.back(), false, true, run_.size() == 1});
    run_.clear();
  }

  std::vector<Token> tokens_;
  std::string word_;
  std::vector<std::string> run_;  // of a paired script, character by character
};

void append_ascii_tokens(std::string_view text, std::string& out) {
  std::size_t token_length = 0;
  for (const char c : text) {
    if (!is_ascii_word(c)) {
      token_length = 0;
      continue;
    }
    if (token_length == 0 && !out.empty()) out += ' ';
    if (++token_length <= kLongestToken) out += ascii::to_lower(c);
  }
}

}  // namespace

SearchPhrase phrase_of(std::string_view text, bool is_prefix) {
  auto tokens = Segmenter().split(folded(text));
  SearchPhrase phrase;
  phrase.last_is_prefix = is_prefix;
  if (!tokens.empty() && tokens.back().ends_run) {
    // The text may go on after the run, where its last character then begins a pair.
    if (tokens.back().is_whole_run) {
      phrase.last_is_prefix = true;
    } else {
      tokens.pop_back();
      phrase.last_is_prefix = false;
    }
  }
  for (auto& token : tokens) phrase.tokens.push_back(std::move(token.text));
  return phrase;
}

std::string segment_for_search(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 2);
  // Between blanks, because most of what stands there is plain ASCII even in a text that is not.
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (is_ascii(part)) {
      append_ascii_tokens(part, out);
      continue;
    }
    for (const auto& token : Segmenter().split(folded(part))) {
      if (!out.empty()) out += ' ';
      out += token.text;
    }
  }
  return out;
}

std::string to_tsvector(std::string_view segmented) {
  constexpr int kLastPosition = 16'383;
  // PostgreSQL takes no more: of a word 2,046 bytes, of all words together 2^20.
  constexpr std::size_t kLongestWord = 2'046;
  constexpr std::size_t kLongest = 1'000'000;
  std::string out;
  for (int position = 1; !segmented.empty() && position <= kLastPosition; ++position) {
    const auto end = std::min(segmented.find(' '), segmented.size());
    const auto word = segmented.substr(0, end);
    segmented.remove_prefix(std::min(end + 1, segmented.size()));
    if (out.size() + word.size() > kLongest) break;
    if (word.size() > kLongestWord) continue;
    if (!out.empty()) out += ' ';
    out += '\'';
    out += word;
    out += "':" + std::to_string(position);
  }
  return out;
}

}  // namespace linnet::analyze
