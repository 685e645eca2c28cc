// How a connector fares, for those who watch.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/enum_names.hpp"
#include "base/guarded.hpp"
#include "base/instant.hpp"
#include "store/record/entity.hpp"

namespace linnet::connect {

enum class ConnectorState { connecting, live, backing_off, paused, stopped, failed };
BOOST_DESCRIBE_ENUM(ConnectorState, connecting, live, backing_off, paused, stopped, failed)

// "backing_off"
std::string_view to_string(ConnectorState state);

struct RateLimitView {
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> remaining;
  std::optional<Instant> reset_at;
};

struct ConnectorHealth {
  std::string id;        // as in connector_cursors, e.g. "https://example.social public"
  std::string instance;  // base URL
  std::string platform = "mastodon";
  std::string stream;
  ConnectorState state = ConnectorState::stopped;
  std::string transport;  // websocket or server-sent events, while live
  Instant since{};        // of the state
  std::optional<Instant> last_event_at;
  std::uint64_t events = 0;  // handed on, those of gaps included
  std::uint64_t reconnects = 0;
  std::uint64_t gaps_filled = 0;
  std::uint64_t gap_events = 0;  // found by paging back
  std::uint64_t gaps_cut = 0;    // gaps too large to be filled whole
  std::string last_error;        // safe to show; empty when all is well
  std::optional<RateLimitView> rate_limit;
};

// Thread-safe.
class HealthBoard {
 public:
  // `on_change` is called after each change of state, in the thread that changed it; may be empty. Events
  // alone are counted silently: whoever wants figures asks.
  HealthBoard(ConnectorHealth start, std::function<void(const ConnectorHealth&)> on_change)
      : health_(std::move(start)), on_change_(std::move(on_change)) {}

  [[nodiscard]] ConnectorHealth snapshot() const {
    return health_.with([](const ConnectorHealth& health) { return health; });
  }
  void enter(ConnectorState state, Instant now, std::string error = {});
  // Changes figures without telling anybody.
  template <typename Change>
  void update(Change&& change) {
    health_.with(std::forward<Change>(change));
  }
  // Tells, though the state is the same.
  void announce() const {
    if (on_change_) on_change_(snapshot());
  }

 private:
  Guarded<ConnectorHealth> health_;
  std::function<void(const ConnectorHealth&)> on_change_;
};

}  // namespace linnet::connect

namespace linnet::record {

template <>
const Entity& entity_of<connect::RateLimitView>();
template <>
const Entity& entity_of<connect::ConnectorHealth>();

}  // namespace linnet::record
