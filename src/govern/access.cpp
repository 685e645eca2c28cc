#include "govern/access.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/text.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

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
  return enum_name(permission);
}
std::string_view to_string(Role role) {
  return enum_name(role);
}
std::optional<Permission> parse_permission(std::string_view name) {
  return parse_enum<Permission>(name);
}
std::optional<Role> parse_role(std::string_view name) {
  return parse_enum<Role>(name);
}

Result<Permissions> parse_permissions(std::string_view field, const std::vector<std::string>& names) {
  Permissions permissions;
  auto known = enum_names<Permission>();
  known.erase(known.begin());  // what is open to everybody is no right
  for (const auto& name : names) {
    const auto permission = parse_permission(name);
    if (!permission || permission == Permission::open)
      return invalid(fmt::format("{}: expected some of {}; got \"{}\"", field, fmt::join(known, ", "),
                                 truncate_utf8(name, 60)));
    permissions.insert(*permission);
  }
  return permissions;
}

Permissions permissions_of(Role role) {
  Permissions all;
  for (int i = 0; i < kPermissions; ++i) {
    const auto permission = static_cast<Permission>(i);
    if (least_role(permission) <= role) all.insert(permission);
  }
  return all;
}

Permissions permissions_of(Role role, const Permissions& extra) {
  auto all = permissions_of(role);
  all.insert(extra.begin(), extra.end());
  return all;
}

std::string to_json_list(const Permissions& permissions) {
  json::array list;
  for (const auto permission : permissions) list.emplace_back(to_string(permission));
  return json::serialize(list);
}

Permissions from_json_list(std::string_view text) {
  Permissions permissions;
  boost::system::error_code code;
  const auto list = json::parse({text.data(), text.size()}, code);
  if (code || !list.is_array()) return permissions;
  for (const auto& item : list.as_array()) {
    const auto permission =
        item.is_string() ? parse_permission(std::string_view(item.as_string())) : std::nullopt;
    if (permission) permissions.insert(*permission);
  }
  return permissions;
}

std::string to_words(const Permissions& permissions) {
  std::string words;
  for (const auto permission : permissions)
    words += std::string(words.empty() ? "" : ", ") + std::string(to_string(permission));
  return words;
}

}  // namespace linnet::govern
