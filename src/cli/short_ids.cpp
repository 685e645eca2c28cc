#include "cli/short_ids.hpp"

#include <fmt/format.h>

#include <optional>
#include <vector>

namespace linnet::cli {
namespace {

constexpr std::size_t kShown = 8;
constexpr std::size_t kLeast = 4;

// Nothing that LIKE would take for a wildcard.
bool begins_an_id(std::string_view text) {
  return text.size() >= kLeast && text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

Result<std::optional<std::string>> one_that_begins(store::Connection& connection, std::string_view table,
                                                   std::string_view given) {
  if (!begins_an_id(given)) return std::optional<std::string>();
  std::vector<std::string> found;
  LINNET_CHECK(store::for_each_row(
      connection, fmt::format("SELECT id FROM {} WHERE id LIKE $1 || '%' ORDER BY id LIMIT 2", table),
      {given}, [&](const store::Statement& row) { found.emplace_back(row.text(0)); }));
  if (found.empty()) return std::optional<std::string>();
  if (found.size() == 1) return std::optional(std::move(found.front()));
  return Error::of(ErrorKind::conflict,
                   fmt::format("ID: several begin with {}; type more of it (--json shows ids whole)", given));
}

Error unknown_id(std::string_view what, std::string_view where, const std::string& given) {
  return not_found(fmt::format("ID: there is no {} \"{}\"; {} shows which there are", what, given, where));
}

}  // namespace

std::string short_id(std::string_view id) {
  return std::string(id.substr(0, kShown));
}

Result<std::string> whole_action_id(store::Connection& connection, const std::string& given) {
  LINNET_TRY(const auto found, one_that_begins(connection, "action_attempts", given));
  if (found) return *found;
  return unknown_id("action", "linnet action list", given);
}

Result<std::string> whole_approval_id(store::Connection& connection, const std::string& given) {
  LINNET_TRY(const auto approval, one_that_begins(connection, "approvals", given));
  if (approval) return *approval;
  LINNET_TRY(const auto action, one_that_begins(connection, "action_attempts", given));
  if (action) return *action;
  return unknown_id("request for approval", "linnet approvals", given);
}

}  // namespace linnet::cli
