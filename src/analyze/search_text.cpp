#include "analyze/search_text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "base/text.hpp"

namespace linnet::analyze {
namespace {

constexpr std::size_t kLongestToken = 120;  // bytes

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) < 0; });
}

bool is_ascii_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
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
    if (++token_length <= kLongestToken) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
}

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

// What one writes of a query between blanks, or between quotes.
struct Piece {
  std::string text;
  bool is_quoted = false;
  bool is_excluded = false;
};

class QueryReader {
 public:
  explicit QueryReader(std::string_view text) : rest_(text) {}

  bool next(Piece& piece) {
    rest_ = rest_.substr(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    if (rest_.empty()) return false;
    piece = {};
    if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != '-' && rest_[1] != ' ') {
      piece.is_excluded = true;
      rest_.remove_prefix(1);
    }
    piece.is_quoted = rest_[0] == '"';
    if (piece.is_quoted) rest_.remove_prefix(1);
    const auto end = std::min(rest_.find_first_of(piece.is_quoted ? "\"" : " \t\r\n\""), rest_.size());
    piece.text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (piece.is_quoted && !rest_.empty()) rest_.remove_prefix(1);
    return true;
  }

 private:
  std::string_view rest_;
};

// The value of «from:ada» for the name «from:»; empty if it is something else.
std::string_view value_of(std::string_view text, std::string_view name) {
  if (text.size() <= name.size() || fold_case(text.substr(0, name.size())) != name) return {};
  return text.substr(name.size());
}

void add_once(std::vector<std::string>& list, std::string value) {
  if (!value.empty() && std::find(list.begin(), list.end(), value) == list.end())
    list.push_back(std::move(value));
}

std::string without(char sign, std::string_view text) {
  if (!text.empty() && text.front() == sign) text.remove_prefix(1);
  return fold_case(text);
}

// Whether the piece was one of the filters.
bool take_filter(const Piece& piece, SearchQuery& query) {
  if (piece.is_quoted || piece.is_excluded) return false;
  if (const auto author = value_of(piece.text, "from:"); !author.empty()) {
    add_once(query.from, without('@', author));
    return true;
  }
  if (const auto tag = value_of(piece.text, "tag:"); !tag.empty()) {
    add_once(query.tags, without('#', tag));
    return true;
  }
  if (const auto language = value_of(piece.text, "lang:"); !language.empty()) {
    add_once(query.languages, fold_case(language));
    return true;
  }
  if (piece.text.size() > 1 && piece.text[0] == '#' && !segment_for_search(piece.text).empty()) {
    add_once(query.tags, without('#', piece.text));
    return true;
  }
  return false;
}

std::string fts5_phrase(const SearchPhrase& phrase) {
  std::string out = "\"";
  for (const auto& token : phrase.tokens) {
    if (out.size() > 1) out += ' ';
    out += token;
  }
  out += '"';
  if (phrase.last_is_prefix) out += " *";
  return out;
}

std::string tsquery_phrase(const SearchPhrase& phrase) {
  std::string out;
  for (const auto& token : phrase.tokens) {
    if (!out.empty()) out += " <-> ";
    out += '\'' + token + '\'';
  }
  if (phrase.last_is_prefix) out += ":*";
  return phrase.tokens.size() > 1 ? '(' + out + ')' : out;
}

}  // namespace

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

SearchQuery parse_search_query(std::string_view text) {
  SearchQuery query;
  QueryReader reader(text);
  Piece piece;
  while (reader.next(piece)) {
    if (take_filter(piece, query)) continue;
    auto phrase = phrase_of(piece.text, !piece.is_quoted && piece.text.ends_with('*'));
    if (phrase.tokens.empty()) continue;
    auto& list = piece.is_excluded ? query.excluded : query.phrases;
    if (std::find(list.begin(), list.end(), phrase) == list.end()) list.push_back(std::move(phrase));
  }
  return query;
}

std::string to_fts5_match(const SearchQuery& query) {
  std::string out;
  for (const auto& phrase : query.phrases) out += (out.empty() ? "" : " AND ") + fts5_phrase(phrase);
  if (out.empty() || query.excluded.empty()) return out;
  out = '(' + out + ')';
  for (const auto& phrase : query.excluded) out += " NOT " + fts5_phrase(phrase);
  return out;
}

std::string to_tsquery(const SearchQuery& query) {
  std::string out;
  for (const auto& phrase : query.phrases) out += (out.empty() ? "" : " & ") + tsquery_phrase(phrase);
  for (const auto& phrase : query.excluded) out += (out.empty() ? "!" : " & !") + tsquery_phrase(phrase);
  return out;
}

std::string to_tsvector(std::string_view segmented) {
  constexpr int kLastPosition = 16'383;
  std::string out;
  for (int position = 1; !segmented.empty() && position <= kLastPosition; ++position) {
    const auto end = std::min(segmented.find(' '), segmented.size());
    if (!out.empty()) out += ' ';
    out += '\'';
    out += segmented.substr(0, end);
    out += "':" + std::to_string(position);
    segmented.remove_prefix(std::min(end + 1, segmented.size()));
  }
  return out;
}

}  // namespace linnet::analyze
