#include "connect/request_budget.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace linnet::connect {

Instant RequestBudget::next_allowed(const State& state, Priority priority, Instant now) const {
  const auto next = state.limit.next_allowed(now);
  if (priority == Priority::normal || !state.view) return next;
  const auto remaining = state.limit.remaining();
  const auto& view = *state.view;
  if (!view.limit || !remaining || !view.reset_at || *view.reset_at <= now) return next;
  const auto kept = static_cast<double>(*view.limit) * options_.background_share;
  return static_cast<double>(*remaining) > kept ? next : std::max(next, *view.reset_at);
}

Status RequestBudget::wait(Priority priority, const std::stop_token& stop) {
  const auto start = clock_.now();
  while (true) {
    if (stop.stop_requested()) return Error::of(ErrorKind::cancelled, "stopped");
    const auto now = clock_.now();
    // Asked and counted in one step, so that two threads do not take the same place.
    const auto next = state_.with([&](State& state) {
      const auto at = next_allowed(state, priority, now);
      if (at <= now) state.limit.on_request(now);
      return at;
    });
    if (next <= now) return {};
    if (next - start > options_.longest_wait) {
      return Error::of(ErrorKind::rate_limited,
                       fmt::format("the server asks for no more requests until {}", to_iso8601(next)));
    }
    if (!clock_.sleep_until(next, stop)) return Error::of(ErrorKind::cancelled, "stopped");
  }
}

void RequestBudget::on_response(int status, const net::Headers& headers) {
  const auto now = clock_.now();
  state_.with([&](State& state) {
    state.limit.on_response(status, headers, now);
    const auto remaining = state.limit.remaining();
    if (!remaining) return;
    state.view = RateLimitView{state.limit.limit(), remaining, state.limit.reset_at()};
  });
}

std::optional<RateLimitView> RequestBudget::view() const {
  return state_.with([](const State& state) { return state.view; });
}

}  // namespace linnet::connect
