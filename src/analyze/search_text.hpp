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

struct SearchQuery {
  std::vector<SearchPhrase> phrases;   // all must be there; a word by itself is a phrase of its tokens
  std::vector<SearchPhrase> excluded;  // none may be there
  std::vector<std::string> from;       // authors, one of which: «ada» or «ada@x.example», in lower case
  std::vector<std::string> tags;       // hashtags, all of which, without «#», case folded
  std::vector<std::string> languages;  // one of which, e.g. «en»

  [[nodiscard]] bool empty() const {
    return phrases.empty() && excluded.empty() && from.empty() && tags.empty() && languages.empty();
  }
};

// What a person typed: words, "phrases", -word and -"phrase" to exclude, beginnings*, #tag or tag:NAME,
// from:AUTHOR, lang:CODE. Anything is a query; what cannot be understood is searched for as text or, without
// a letter, left out.
SearchQuery parse_search_query(std::string_view text);

// The words of the query as an FTS5 MATCH expression over segmented text; empty if it has none to look for
// (FTS5 cannot look for exclusions alone). Holds nothing but quoted tokens and operators, whatever was typed.
std::string to_fts5_match(const SearchQuery& query);

// The same as a PostgreSQL tsquery, for to_tsquery-free use: '…'::tsquery. Exclusions alone are possible.
std::string to_tsquery(const SearchQuery& query);

// Segmented text as a PostgreSQL tsvector literal ('token':1,5 …), in place of its own, locale-bound parser.
// Words past position 16383 are left out: PostgreSQL has no room for them.
std::string to_tsvector(std::string_view segmented);

}  // namespace linnet::analyze
