// What a person types to find posts, and what the two full-text engines make of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyze/search_text.hpp"
#include "base/result.hpp"

namespace linnet::analyze {

struct SearchQuery {
  std::vector<SearchPhrase> phrases;   // all must be there; a word by itself is a phrase of its tokens
  std::vector<SearchPhrase> excluded;  // none may be there
  std::vector<std::string> from;       // authors, one of which: «ada» or «ada@x.example», as written
  std::vector<std::string> not_from;   // … none of which
  std::vector<std::string> tags;       // hashtags, all of which, without «#», as written
  std::vector<std::string> not_tags;   // … none of which
  std::vector<std::string> languages;  // one of which, as patterns of `language_pattern`
  std::vector<std::string> not_languages;

  friend bool operator==(const SearchQuery&, const SearchQuery&) = default;
};

// Words, "phrases", beginnings*, #tag or tag:NAME, from:AUTHOR, lang:CODE; a hyphen before any of them
// excludes. `invalid` names what cannot be understood, so that no part of a query is left out in silence:
// an operator that there is none such, one without its value, an asterisk elsewhere than at the end of a
// word, OR and NOT, and a query in which there is nothing to look for. Punctuation beside words counts for
// nothing, as it does in texts. Empty text is an empty query.
Result<SearchQuery> parse_search_query(std::string_view text);

// The words of the query as an FTS5 MATCH expression over segmented text; empty where it asks for none
// (FTS5 cannot look for exclusions alone). Holds nothing but quoted tokens and operators, whatever was typed.
std::string to_fts5_match(const SearchQuery& query);
// The same as a PostgreSQL tsquery: '…'::tsquery.
std::string to_tsquery(const SearchQuery& query);

// Texts that hold any of the phrases; empty for none.
std::string to_fts5_any(const std::vector<SearchPhrase>& phrases);
std::string to_tsquery_any(const std::vector<SearchPhrase>& phrases);

}  // namespace linnet::analyze
