// How private something is, and who may have it. One rule for everything that is fetched, put into a prompt,
// shown, fed or quoted.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/record/members.hpp"

namespace linnet::reflect {

// In order: what is made of several things is as private as the most private of them.
enum class Scope {
  open,     // «public»: everybody may see it
  derived,  // posts for followers, channels that not every member sees, and what was made of them
  dm,       // direct messages, and what was made of them
};

std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view name);
// "public, derived or dm".
std::vector<std::string_view> scope_names();

constexpr Scope wider(Scope a, Scope b) {
  return std::max(a, b);
}

// THE rule: something of this scope may be seen where the widest that may be seen is `most`. Whatever reads
// insights, or what insights are made of, asks this, or the SQL that says the same.
constexpr bool may_be_seen(Scope of, Scope most) {
  return of <= most;
}

// The same of a column that holds a scope: "sources_scope_max IN ('public', 'derived')".
std::string seen_sql(std::string_view column, Scope most);

}  // namespace linnet::reflect

// In a column and in JSON by the names of the seed: `public` is no name that C++ lets an enum have.
template <>
struct linnet::record::Member<linnet::reflect::Scope> {
  using Scope = linnet::reflect::Scope;
  static constexpr auto kColumn = store::ColumnType::text;
  static Status read(const Field& field, const store::Statement& row, int column, Scope& into) {
    const auto found = linnet::reflect::parse_scope(row.text(column));
    if (!found) return detail::damaged(field, detail::in_words(linnet::reflect::scope_names()));
    into = *found;
    return {};
  }
  static store::Value write(const Field&, Scope scope, Kept&) { return linnet::reflect::to_string(scope); }
  static boost::json::value show(const Field&, Scope scope) {
    return boost::json::value(linnet::reflect::to_string(scope));
  }
  static Status take(const Field&, const boost::json::value& given, const std::string& path, Scope& into) {
    const auto found =
        given.is_string() ? linnet::reflect::parse_scope(std::string_view(given.as_string())) : std::nullopt;
    if (!found) return detail::wrong(path, detail::in_words(linnet::reflect::scope_names()), given);
    into = *found;
    return {};
  }
  static boost::json::object schema(const Field&) {
    return detail::choice_schema(linnet::reflect::scope_names());
  }
};
