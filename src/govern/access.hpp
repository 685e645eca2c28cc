// Who may do what. Pure: people and tokens are kept in people.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.hpp"
#include "base/result.hpp"

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
BOOST_DESCRIBE_ENUM(Permission, open, read, analyze, act, approve, stop, rules, dm_read, consent, accounts,
                    people, audit, erase)
inline constexpr int kPermissions = 13;

enum class Role : std::uint8_t { viewer, analyst, author, approver, admin };
BOOST_DESCRIBE_ENUM(Role, viewer, analyst, author, approver, admin)
inline constexpr int kRoles = 5;

std::string_view to_string(Permission permission);
std::string_view to_string(Role role);
std::optional<Permission> parse_permission(std::string_view name);
std::optional<Role> parse_role(std::string_view name);

using Permissions = std::set<Permission>;
// `invalid` names the field, the one that is none, and those there are.
Result<Permissions> parse_permissions(std::string_view field, const std::vector<std::string>& names);
// Each role has what the one before it has, and more.
Permissions permissions_of(Role role);
// With what one person has beside their role.
Permissions permissions_of(Role role, const Permissions& extra);

// As the tables keep them: ["act","stop"]. Names that are not known, and text that is no list, are nothing.
std::string to_json_list(const Permissions& permissions);
Permissions from_json_list(std::string_view text);
// "act, stop", for people.
std::string to_words(const Permissions& permissions);

// Whoever makes a request.
struct Who {
  std::string user_id;  // empty: nobody, or the owner of a machine without passwords
  std::string name;
  Permissions permissions{Permission::open};
  bool is_person = false;                // signed in by a browser, or the owner; a token may be a program's
  std::string session_id;                // hash of the session's token; empty: none
  std::string csrf;                      // what the session's changing requests must show
  std::string token_id;                  // of an API token; empty: none
  std::int64_t requests_per_minute = 0;  // 0: as many as they like, as the owner of the machine

  [[nodiscard]] bool may(Permission permission) const { return permissions.contains(permission); }
  [[nodiscard]] bool is_known() const { return permissions.size() > 1; }
};

}  // namespace linnet::govern
