#include "reflect/scope.hpp"

#include <fmt/format.h>

#include <array>

namespace linnet::reflect {
namespace {

constexpr std::array<std::string_view, 3> kScopeNames{"public", "derived", "dm"};

}  // namespace

std::string_view to_string(Scope scope) {
  return kScopeNames.at(static_cast<std::size_t>(scope));
}

std::optional<Scope> parse_scope(std::string_view name) {
  for (std::size_t i = 0; i < kScopeNames.size(); ++i)
    if (kScopeNames.at(i) == name) return static_cast<Scope>(i);
  return std::nullopt;
}

std::vector<std::string_view> scope_names() {
  return {kScopeNames.begin(), kScopeNames.end()};
}

std::string seen_sql(std::string_view column, Scope most) {
  std::string list;
  for (const auto scope : {Scope::open, Scope::derived, Scope::dm}) {
    if (may_be_seen(scope, most)) list += fmt::format("{}'{}'", list.empty() ? "" : ", ", to_string(scope));
  }
  return fmt::format("{} IN ({})", column, list);
}

}  // namespace linnet::reflect
