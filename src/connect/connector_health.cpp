#include "connect/connector_health.hpp"

#include "base/enum_names.hpp"

namespace linnet::connect {

std::string_view to_string(ConnectorState state) {
  return enum_name(state);
}

void HealthBoard::enter(ConnectorState state, Instant now, std::string error) {
  health_.with([&](ConnectorHealth& health) {
    if (health.state != state) health.since = now;
    health.state = state;
    health.last_error = std::move(error);
  });
  announce();
}

}  // namespace linnet::connect
