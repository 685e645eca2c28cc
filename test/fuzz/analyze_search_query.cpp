// What a person types into the search field: whatever is understood asks FTS5 something that it understands as well,
// and what was written twice or with other blanks asks the same.
#include <sqlite3.h>

#include <memory>
#include <string>

#include "analyze/language_tag.hpp"
#include "analyze/search_query.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;
using namespace linnet::analyze;

namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// An index as Linnet's, empty: a MATCH that FTS5 cannot read fails there, too.
sqlite3* index() {
  static const std::unique_ptr<sqlite3, Close> database = [] {
    sqlite3* opened = nullptr;
    expect(sqlite3_open(":memory:", &opened) == SQLITE_OK);
    expect(sqlite3_exec(opened, "CREATE VIRTUAL TABLE post_search USING fts5(text, tokenize = 'ascii')", nullptr,
                        nullptr, nullptr) == SQLITE_OK);
    return std::unique_ptr<sqlite3, Close>(opened);
  }();
  return database.get();
}

bool is_understood_by_fts5(const std::string& match) {
  sqlite3_stmt* prepared = nullptr;
  expect(sqlite3_prepare_v2(index(), "SELECT rowid FROM post_search WHERE post_search MATCH ?1", -1, &prepared,
                            nullptr) == SQLITE_OK);
  const std::unique_ptr<sqlite3_stmt, Close> statement(prepared);
  sqlite3_bind_text(prepared, 1, match.data(), static_cast<int>(match.size()), SQLITE_STATIC);
  return sqlite3_step(prepared) == SQLITE_DONE;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = linnet::fuzz::text_of(data, size);
  const auto query = parse_search_query(text);
  if (!query) {
    expect(query.error().kind == linnet::ErrorKind::invalid && !query.error().message.empty());
    return 0;
  }
  const auto with_blanks = parse_search_query(" \t" + std::string(text));
  expect(with_blanks && *with_blanks == *query);
  const auto match = to_fts5_match(*query);
  expect(match.empty() || is_understood_by_fts5(match));
  expect(match.empty() == query->phrases.empty());
  for (const auto& phrase : query->phrases) expect(!phrase.tokens.empty());
  for (const auto& phrase : query->excluded) expect(!phrase.tokens.empty());
  const auto tsquery = to_tsquery(*query);
  expect(tsquery.find('\0') == std::string::npos);
  for (const auto& language : query->languages) expect(!language.empty());
  return 0;
}
