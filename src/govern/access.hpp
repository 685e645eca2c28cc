// Who may do what. Pure: people and tokens are kept in people.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace linnet::govern {

enum class Permission : std::uint8_t {
  open,      // no more than being able to reach the program
  read,      // posts, figures, actions
  analyze,   // replay, retry, summaries
  act,       // ask for actions
  approve,   // a person's word, and lifting the emergency stop
  stop,      // the emergency stop
  rules,     // blocklist, limits, quiet hours
  dm_read,   // direct messages
  consent,   // what people agreed to
  accounts,  // the accounts that Linnet uses
  people,    // those who use Linnet
  audit,     // the audit trail
  erase,     // export and erase a person
};
inline constexpr int kPermissions = 13;

enum class Role : std::uint8_t { viewer, analyst, author, approver, admin };
inline constexpr int kRoles = 5;

std::string_view to_string(Permission permission);
std::string_view to_string(Role role);
std::optional<Permission> parse_permission(std::string_view name);
std::optional<Role> parse_role(std::string_view name);

using Permissions = std::set<Permission>;
// Each role has what the one before it has, and more.
Permissions permissions_of(Role role);

// Whoever makes a request.
struct Who {
  std::string user_id;  // empty: nobody, or the owner of a machine without passwords
  std::string name;
  Permissions permissions{Permission::open};
  bool is_person = false;  // signed in by a browser, or the owner; a token may be a program's
  std::string session_id;  // hash of the session's token; empty: none
  std::string csrf;        // what the session's changing requests must show
  std::string token_id;    // of an API token; empty: none

  [[nodiscard]] bool may(Permission permission) const { return permissions.contains(permission); }
  [[nodiscard]] bool is_known() const { return permissions.size() > 1; }
};

}  // namespace linnet::govern
