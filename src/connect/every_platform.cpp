#include "connect/every_platform.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "connect/bluesky/door.hpp"
#include "connect/discord/door.hpp"
#include "connect/log_lines.hpp"
#include "connect/mastodon/door.hpp"

namespace linnet::connect {

const std::vector<PlatformDoor>& every_platform() {
  static const std::vector<PlatformDoor> all{mastodon::door(), bluesky::door(), discord::door()};
  return all;
}

const PlatformDoor* find_platform(std::string_view name) {
  const auto& all = every_platform();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const PlatformDoor& door) { return door.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Result<const PlatformDoor*> platform_named(std::string_view field, std::string_view name) {
  if (const auto* const door = find_platform(name)) return door;
  return invalid(fmt::format("{}: expected {}, got \"{}\"", field,
                             names_of_platforms([](const PlatformDoor&) { return true; }),
                             to_valid_utf8(truncate_utf8(name, 40))));
}

std::string names_of_platforms(bool (*is_among)(const PlatformDoor& door)) {
  std::vector<std::string_view> names;
  for (const auto& door : every_platform())
    if (is_among(door)) names.push_back(door.name);
  return fmt::format("{}", fmt::join(names, " or "));
}

const PlatformDoor& default_platform() {
  const auto& all = every_platform();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [](const PlatformDoor& door) { return door.lines->network.empty(); });
  return found == all.end() ? all.front() : *found;
}

const IdentityRules& identity_of(std::string_view platform) {
  static const IdentityRules of_servers;
  const auto* const door = find_platform(platform);
  return door == nullptr ? of_servers : door->identity;
}

const PlatformDoor& platform_with_names_like(std::string_view name) {
  const auto& all = every_platform();
  const bool is_handle = name.find('@') == std::string_view::npos;
  const auto found = std::find_if(all.begin(), all.end(), [&](const PlatformDoor& door) {
    return door.identity.has_handles() == is_handle;
  });
  return found == all.end() ? all.front() : *found;
}

HourlyCeiling ceiling_of(std::string_view platform) {
  if (const auto* const door = find_platform(platform)) return door->ceiling;
  // What the engagement document's own system kept to.
  if (platform == "twitter" || platform == "instagram") return {30, 10, 5, 20};
  return {30, 10, 0, 20};
}

const LineRules* lines_of(std::string_view network) {
  for (const auto& door : every_platform())
    if (door.lines->network == network) return door.lines;
  return nullptr;
}

}  // namespace linnet::connect
