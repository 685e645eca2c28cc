#include "connect/connector_health.hpp"

namespace linnet::connect {

std::string_view to_string(ConnectorState state) {
  switch (state) {
    case ConnectorState::connecting:
      return "connecting";
    case ConnectorState::live:
      return "live";
    case ConnectorState::backing_off:
      return "backing_off";
    case ConnectorState::paused:
      return "paused";
    case ConnectorState::stopped:
      return "stopped";
    case ConnectorState::failed:
      return "failed";
  }
  return "unknown";
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
