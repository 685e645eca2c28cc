// The budget of requests that one server gives one account, shared by everything that asks it.
#pragma once

#include <stop_token>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "connect/connector_health.hpp"
#include "net/rate_limit.hpp"

namespace linnet::connect {

enum class Priority {
  normal,      // someone waits: a gap, a sign-in
  background,  // may wait: leaves most of the budget to the others
};

struct RequestBudgetOptions {
  Duration longest_wait = std::chrono::minutes{20};  // beyond it a request is refused, not made to wait
  double background_share = 0.5;  // background work rests while less than this share of the window is left
};

// Thread-safe.
class RequestBudget {
 public:
  explicit RequestBudget(Clock& clock, RequestBudgetOptions options = {})
      : clock_(clock), options_(options) {}

  // Waits for the moment the next request may go, and counts it. `rate_limited` when that is too far off,
  // `cancelled` when stopped.
  Status wait(Priority priority, const std::stop_token& stop);
  // To be called with every answer.
  void on_response(int status, const net::Headers& headers);

  [[nodiscard]] std::optional<RateLimitView> view() const;

 private:
  struct State {
    net::RateLimit limit{net::RateLimitOptions{}};
    std::optional<RateLimitView> view;
  };
  [[nodiscard]] Instant next_allowed(const State& state, Priority priority, Instant now) const;

  Clock& clock_;
  RequestBudgetOptions options_;
  Guarded<State> state_;
};

}  // namespace linnet::connect
