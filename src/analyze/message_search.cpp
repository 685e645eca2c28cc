#include "analyze/message_search.hpp"

#include <fmt/format.h>

#include "analyze/search_query.hpp"

namespace linnet::analyze {

Result<std::vector<std::int64_t>> find_messages(store::Connection& connection, std::string_view query,
                                                std::int64_t most) {
  LINNET_TRY(const auto search, parse_search_query(query));
  const bool asks_for_more = !search.from.empty() || !search.not_from.empty() || !search.tags.empty() ||
                             !search.not_tags.empty() || !search.languages.empty() ||
                             !search.not_languages.empty();
  if (asks_for_more) return invalid("q: messages are found by words alone; name the author as author_id");
  if (search.phrases.empty()) return invalid("q: expected words to look for");
  const bool is_sqlite = connection.engine() == store::Engine::sqlite;
  // Excluded words stand in the match itself where the engine knows how.
  const auto sql = is_sqlite ? std::string(
                                   "SELECT rowid FROM post_search WHERE post_search MATCH $1 AND rowid < 0 "
                                   "ORDER BY rowid LIMIT $2")
                             : std::string(
                                   "SELECT row_number FROM post_search WHERE document @@ CAST($1 AS tsquery) "
                                   "AND row_number < 0 ORDER "
                                   "BY row_number LIMIT $2");
  const auto match = is_sqlite ? to_fts5_match(search) : to_tsquery(search);
  std::vector<std::int64_t> rows;
  LINNET_CHECK(store::for_each_row(connection, sql, {std::string_view(match), most},
                                   [&](const store::Statement& row) { rows.push_back(-row.integer(0)); }));
  return rows;
}

}  // namespace linnet::analyze
