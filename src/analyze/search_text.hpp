// Full text search in any language, with the plainest of index tokenizers: what a search engine needs to know
// of a language is done here, the same for texts and for queries.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace linnet::analyze {

// The text as tokens with one blank between them: letters, digits and marks only, so that an index that
// splits at blanks (FTS5: tokenize = 'ascii') takes them as they are. Pure and thread-safe; broken UTF-8
// separates tokens.
//
// - Case, width, ligatures (NFKC_Casefold) and the accents of Latin, Greek, Cyrillic, Arabic and Hebrew are
// folded.
// - Words, numbers and the parts of URLs, addresses and hashtags are tokens; so is each emoji.
// - Scripts that put no blanks between words (Han, kana, Thai, Lao, Khmer, Myanmar …) and Hangul, which glues
//   particles to them, become overlapping pairs of characters, and the last character of a run alone: 東京都
//   is «東京 京都 都». Dictionaries would cut the same word differently in different surroundings, and a
//   query has none. So every character begins exactly one token: a run is found wherever it stands, a single
//   character by its prefix.
// - Of a token that is longer than 120 bytes the rest is left out.
std::string segment_for_search(std::string_view text);

// Tokens that must stand next to each other; the last may be only the beginning of a word.
struct SearchPhrase {
  std::vector<std::string> tokens;
  bool last_is_prefix = false;

  friend bool operator==(const SearchPhrase&, const SearchPhrase&) = default;
};

// A word or quotation of a query, folded as texts are. Without tokens where it holds nothing to look for.
SearchPhrase phrase_of(std::string_view text, bool is_prefix);

// Segmented text as a PostgreSQL tsvector literal ('token':1,5 …), in place of its own, locale-bound parser.
// Words past position 16383 are left out: PostgreSQL has no room for them.
std::string to_tsvector(std::string_view segmented);

}  // namespace linnet::analyze
