#include "store/migration_macros.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "store/postgres/postgres_dialect.hpp"
#include "store/sqlite/sqlite_dialect.hpp"

namespace linnet::store {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || c == '_';
}

// The length of the macro that `text` begins with, braces and all; 0 when it begins with something else.
std::size_t macro_length(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && is_name_character(text[end])) ++end;
  if (end == 1 || end == text.size()) return 0;
  if (text[end] == '}') return end + 1;
  if (text[end] != ':') return 0;
  const auto close = text.find('}', end);
  return close == std::string_view::npos ? 0 : close + 1;
}

}  // namespace

Result<std::string> expand_macros(Engine engine, std::string_view sql) {
  std::string out;
  while (true) {
    const auto open = sql.find('{');
    out.append(sql.substr(0, open));
    if (open == std::string_view::npos) return out;
    sql.remove_prefix(open);
    const auto length = macro_length(sql);
    if (length == 0) {
      out += '{';
      sql.remove_prefix(1);
      continue;
    }
    const auto inside = sql.substr(1, length - 2);
    const auto colon = inside.find(':');
    const auto argument = colon == std::string_view::npos ? std::string_view() : inside.substr(colon + 1);
    const auto name = inside.substr(0, colon);
    const auto expanded =
        engine == Engine::sqlite ? expand_sqlite(name, argument) : expand_postgres(name, argument);
    if (!expanded) return internal_error(fmt::format("a migration has an unknown macro: {{{}}}", inside));
    out += *expanded;
    sql.remove_prefix(length);
  }
}

namespace {

// The words of SQL in order, without comments and marks.
std::vector<std::string> words_of(std::string_view sql) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql.substr(i, 2) == "--") i = std::min(sql.find('\n', i), sql.size() - 1);
    const char c = sql[i];
    const bool is_in_word = c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_in_word) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

}  // namespace

std::vector<std::string> dropped_tables(std::string_view sql) {
  const auto words = words_of(sql);
  std::vector<std::string> dropped;
  std::set<std::string> made;
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (words[i] == "DROP" && words[i + 1] == "TABLE") dropped.push_back(words[i + 2]);
    if (words[i] == "CREATE" && words[i + 1] == "TABLE") made.insert(words[i + 2]);
    if (words[i] == "RENAME" && words[i + 1] == "TO") made.insert(words[i + 2]);
  }
  std::erase_if(dropped, [&](const std::string& name) { return made.contains(name); });
  return dropped;
}

}  // namespace linnet::store
