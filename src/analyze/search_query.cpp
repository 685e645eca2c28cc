#include "analyze/search_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyze/language_tag.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

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
    rest_ = rest_.substr(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
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

void add_once(std::vector<std::string>& list, std::string value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

std::string_view shown(std::string_view text) {
  return truncate_utf8(text, 60);
}

bool has_something_to_find(std::string_view text) {
  return !segment_for_search(text).empty();
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The name of «from:ada», in lower case. Addresses and what merely ends in a colon are text.
std::string operator_of(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon < 2) return {};
  const auto name = text.substr(0, colon);
  if (!std::all_of(name.begin(), name.end(), is_letter)) return {};
  const auto rest = text.substr(colon + 1);
  if (rest.starts_with("//") || name == "did") return {};
  auto folded = fold_case(name);
  constexpr std::array<std::string_view, 3> kKnown{"from", "tag", "lang"};
  const bool is_known = std::find(kKnown.begin(), kKnown.end(), folded) != kKnown.end();
  return is_known || has_something_to_find(rest) ? folded : std::string();
}

Status take_author(const Piece& piece, std::string_view value, SearchQuery& query) {
  if (value.starts_with('@')) value.remove_prefix(1);
  if (!has_something_to_find(value))
    return invalid("query: from: expects an author, such as from:ada or from:ada@social.example");
  add_once(piece.is_excluded ? query.not_from : query.from, std::string(value));
  return {};
}

Status take_tag(const Piece& piece, std::string_view value, SearchQuery& query) {
  if (value.starts_with('#')) value.remove_prefix(1);
  if (!has_something_to_find(value)) return invalid("query: tag: expects a hashtag, such as tag:books");
  add_once(piece.is_excluded ? query.not_tags : query.tags, std::string(value));
  return {};
}

Status take_language(const Piece& piece, std::string_view value, SearchQuery& query) {
  LINNET_TRY(auto pattern, language_pattern("query: lang", value));
  add_once(piece.is_excluded ? query.not_languages : query.languages, std::move(pattern));
  return {};
}

// Whether the piece was one of the filters.
Result<bool> take_filter(const Piece& piece, SearchQuery& query) {
  if (piece.is_quoted) return false;
  const std::string_view text = piece.text;
  if (text.size() > 1 && text[0] == '#' && has_something_to_find(text)) {
    LINNET_CHECK(take_tag(piece, text, query));
    return true;
  }
  const auto name = operator_of(text);
  if (name.empty()) return false;
  const auto value = text.substr(text.find(':') + 1);
  if (name == "from") {
    LINNET_CHECK(take_author(piece, value, query));
  } else if (name == "tag") {
    LINNET_CHECK(take_tag(piece, value, query));
  } else if (name == "lang") {
    LINNET_CHECK(take_language(piece, value, query));
  } else {
    return invalid(
        fmt::format("query: there is no \"{}:\"; expected words, \"quotations\", from:, tag: or lang:; to "
                    "look for \"{}\" "
                    "as text, put it in quotation marks",
                    shown(name), shown(text)));
  }
  return true;
}

Status refuse_other_languages_of_search(const Piece& piece) {
  if (piece.is_quoted) return {};
  if (piece.text == "OR" || piece.text == "NOT") {
    return invalid(fmt::format(
        "query: {} is not understood; all words must be there, a hyphen (-word) excludes; to look for the "
        "word \"{}\", put it in quotation marks",
        piece.text, fold_case(piece.text)));
  }
  const auto star = piece.text.find('*');
  const auto last_other = piece.text.find_last_not_of('*');
  if (star == std::string::npos || last_other == std::string::npos || star > last_other) return {};
  return invalid(fmt::format(
      "query: \"{}\": an asterisk stands at the end of a word (begin*); to look for it as text, put it in "
      "quotation marks",
      shown(piece.text)));
}

Status take_text(const Piece& piece, SearchQuery& query) {
  LINNET_CHECK(refuse_other_languages_of_search(piece));
  // Both must be there as it is.
  if (!piece.is_quoted && !piece.is_excluded && piece.text == "AND") return {};
  auto phrase = phrase_of(piece.text, !piece.is_quoted && piece.text.ends_with('*'));
  if (phrase.tokens.empty()) {
    if (!piece.is_excluded) return {};
    return invalid(
        fmt::format("query: \"-{}\" excludes nothing; expected a word after the hyphen", shown(piece.text)));
  }
  auto& list = piece.is_excluded ? query.excluded : query.phrases;
  if (std::find(list.begin(), list.end(), phrase) == list.end()) list.push_back(std::move(phrase));
  return {};
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

template <typename Write>
std::string joined(const std::vector<SearchPhrase>& phrases, std::string_view sign, Write write) {
  std::string out;
  for (const auto& phrase : phrases) {
    if (!out.empty()) out += sign;
    out += write(phrase);
  }
  return out;
}

}  // namespace

Result<SearchQuery> parse_search_query(std::string_view text) {
  const auto valid = to_valid_utf8(text);
  SearchQuery query;
  QueryReader reader(valid);
  Piece piece;
  bool is_empty = true;
  while (reader.next(piece)) {
    is_empty = false;
    LINNET_TRY(const bool was_filter, take_filter(piece, query));
    if (!was_filter) LINNET_CHECK(take_text(piece, query));
  }
  if (!is_empty && query == SearchQuery())
    return invalid(
        fmt::format("query: \"{}\" holds no word, number or emoji to look for", shown(trim(valid))));
  return query;
}

std::string to_fts5_match(const SearchQuery& query) {
  auto out = joined(query.phrases, " AND ", fts5_phrase);
  if (out.empty() || query.excluded.empty()) return out;
  out = '(' + out + ')';
  for (const auto& phrase : query.excluded) out += " NOT " + fts5_phrase(phrase);
  return out;
}

std::string to_tsquery(const SearchQuery& query) {
  auto out = joined(query.phrases, " & ", tsquery_phrase);
  for (const auto& phrase : query.excluded) out += (out.empty() ? "!" : " & !") + tsquery_phrase(phrase);
  return out;
}

std::string to_fts5_any(const std::vector<SearchPhrase>& phrases) {
  return joined(phrases, " OR ", fts5_phrase);
}

std::string to_tsquery_any(const std::vector<SearchPhrase>& phrases) {
  return joined(phrases, " | ", tsquery_phrase);
}

}  // namespace linnet::analyze
