// The platforms that Linnet can act on, and what their connectors say without asking any server.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "connect/acting_connector.hpp"

namespace linnet::connect {

struct KnownPlatform {
  std::string_view name;  // as in model::kPlatforms
  std::string_view display_name;
  std::string_view description;
  std::int64_t priority;  // the lowest is shown first
  Capabilities capabilities;
  std::optional<PlatformLimits> limits;  // absent: each server has its own
};
std::vector<KnownPlatform> known_platforms();

}  // namespace linnet::connect
