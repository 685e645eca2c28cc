#include "govern/access.hpp"

#include <array>

namespace linnet::govern {
namespace {

constexpr std::array<std::string_view, kPermissions> kNames{
    "open",    "read",    "analyze",  "act",    "approve", "stop", "rules",
    "dm_read", "consent", "accounts", "people", "audit",   "erase"};
constexpr std::array<std::string_view, kRoles> kRoleNames{"viewer", "analyst", "author", "approver", "admin"};

// The least role that has it.
Role least_role(Permission permission) {
  switch (permission) {
    case Permission::open:
    case Permission::read:
      return Role::viewer;
    case Permission::analyze:
    case Permission::audit:
      return Role::analyst;
    case Permission::act:
    case Permission::stop:
      return Role::author;
    case Permission::approve:
    case Permission::rules:
    case Permission::dm_read:
    case Permission::consent:
      return Role::approver;
    case Permission::accounts:
    case Permission::people:
    case Permission::erase:
      return Role::admin;
  }
  return Role::admin;
}

}  // namespace

std::string_view to_string(Permission permission) {
  return kNames.at(static_cast<std::size_t>(permission));
}
std::string_view to_string(Role role) {
  return kRoleNames.at(static_cast<std::size_t>(role));
}
std::optional<Permission> parse_permission(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == name) return static_cast<Permission>(i);
  }
  return {};
}
std::optional<Role> parse_role(std::string_view name) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (kRoleNames.at(i) == name) return static_cast<Role>(i);
  }
  return {};
}

Permissions permissions_of(Role role) {
  Permissions all;
  for (int i = 0; i < kPermissions; ++i) {
    const auto permission = static_cast<Permission>(i);
    if (least_role(permission) <= role) all.insert(permission);
  }
  return all;
}

}  // namespace linnet::govern
