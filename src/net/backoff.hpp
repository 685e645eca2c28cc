// How long to wait before trying again.
#pragma once

#include <functional>
#include <optional>

#include "base/instant.hpp"

namespace linnet::net {

struct BackoffOptions {
  Duration first = std::chrono::seconds{1};
  Duration cap = std::chrono::minutes{5};
  Duration stable_after = std::chrono::minutes{1};
};

// Exponential, with full jitter: the n-th wait is a random part of min(cap, first × 2ⁿ). Starts over after a
// connection that held for `stable_after`. Pure; not thread-safe.
class Backoff {
 public:
  // `random` gives numbers in [0, 1).
  Backoff(BackoffOptions options, std::function<double()> random)
      : options_(options), random_(std::move(random)) {}

  // It works, from now on.
  void on_connected(Instant now) { connected_since_ = now; }
  // It failed: how long to wait. At least `floor` (a Retry-After, say), which the jitter comes on top of.
  Duration on_failure(Instant now, Duration floor = Duration{0});
  // Failures in a row.
  [[nodiscard]] int failures() const { return failures_; }

 private:
  BackoffOptions options_;
  std::function<double()> random_;
  std::optional<Instant> connected_since_;
  int failures_ = 0;
};

}  // namespace linnet::net
