#include "cli/short_ids.hpp"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "act/attempt_store.hpp"
#include "act/known_targets.hpp"

namespace linnet::cli {
namespace {

constexpr std::size_t kShown = 8;
constexpr std::size_t kLeast = 4;

// Nothing that LIKE would take for a wildcard.
bool begins_an_id(std::string_view text) {
  return text.size() >= kLeast && text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

using IdsThatBegin = Result<std::vector<std::string>> (*)(store::Connection&, std::string_view);

Result<std::optional<std::string>> one_that_begins(store::Connection& connection, IdsThatBegin ids_that_begin,
                                                   std::string_view given) {
  if (!begins_an_id(given)) return std::optional<std::string>();
  LINNET_TRY(auto found, ids_that_begin(connection, given));
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
  LINNET_TRY(const auto found, one_that_begins(connection, act::attempts_that_begin, given));
  if (found) return *found;
  return unknown_id("action", "linnet action list", given);
}

Result<std::string> whole_approval_id(store::Connection& connection, const std::string& given) {
  LINNET_TRY(const auto approval, one_that_begins(connection, act::approvals_that_begin, given));
  if (approval) return *approval;
  LINNET_TRY(const auto action, one_that_begins(connection, act::attempts_that_begin, given));
  if (action) return *action;
  return unknown_id("request for approval", "linnet approvals", given);
}

Result<std::string> with_short_id(store::Connection& connection, const std::string& sentence) {
  constexpr std::string_view kBefore = "action ";
  constexpr std::size_t kWhole = 36;
  const auto at = sentence.find(kBefore);
  if (at == std::string::npos) return sentence;
  const auto id = sentence.substr(at + kBefore.size(), kWhole);
  if (id.size() != kWhole || !begins_an_id(id)) return sentence;
  auto words = sentence;
  words.replace(at + kBefore.size(), kWhole, short_id(id));
  LINNET_TRY(const auto approval, act::open_approval_of(connection, act::AttemptId(id)));
  if (approval) words += fmt::format("; linnet approve {} lets it go", short_id(approval->id));
  return words;
}

Error with_short_ids(store::Connection& connection, Error error) {
  auto words = with_short_id(connection, error.safe);
  if (!words) return words.error();
  error.safe = std::move(*words);
  return error;
}

}  // namespace linnet::cli
