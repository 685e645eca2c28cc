#include "connect/connector_health.hpp"

#include "store/record/members.hpp"

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

namespace {

template <std::uint64_t ConnectorHealth::*count>
std::int64_t counted(const ConnectorHealth& health) {
  return static_cast<std::int64_t>(health.*count);
}

}  // namespace

}  // namespace linnet::connect

namespace linnet::record {

using connect::ConnectorHealth;
using connect::RateLimitView;

template <>
const Entity& entity_of<RateLimitView>() {
  static const auto described =
      entity<RateLimitView>({.name = "RateLimit"}, {field<&RateLimitView::limit>("limit"),
                                                    field<&RateLimitView::remaining>("remaining"),
                                                    field<&RateLimitView::reset_at>("reset_at")});
  return described;
}
template <>
const Entity& entity_of<ConnectorHealth>() {
  using Health = ConnectorHealth;
  static const auto described = entity<Health>(
      {.name = "Connector"},
      {field<&Health::id>("id").like("https://example.social public"), field<&Health::instance>("instance"),
       field<&Health::platform>("platform"), field<&Health::stream>("stream").like("public"),
       field<&Health::state>("state"), field<&Health::transport>("transport").like("websocket"),
       field<&Health::since>("since"), field<&Health::last_event_at>("last_event_at"),
       shown<&connect::counted<&Health::events>>("events"),
       shown<&connect::counted<&Health::reconnects>>("reconnects"),
       shown<&connect::counted<&Health::gaps_filled>>("gaps_filled"),
       field<&Health::last_error>("last_error").or_null_in_json(), field<&Health::rate_limit>("rate_limit")});
  return described;
}

}  // namespace linnet::record
