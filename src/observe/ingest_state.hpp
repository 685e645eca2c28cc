// Whether ingest goes on, and what keeps it: told to everyone who asks, and how long to wait before trying
// again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace linnet::observe {

struct IngestHealth {
  enum class State { running, waiting, stopped };
  State state = State::running;
  std::string reason;  // for people; empty while it runs
  Instant since{};     // of what keeps it
};

std::string_view to_string(IngestHealth::State state);

// Where an event may be kept up.
enum class IngestStep { log, tables };

// Thread-safe.
class IngestState {
 public:
  // `patience`: how long an obstacle is waited out; `on_stopped` is told once that nothing more will be
  // taken.
  IngestState(Clock& clock, Duration patience, std::function<void()> on_stopped)
      : clock_(clock), patience_(patience), on_stopped_(std::move(on_stopped)) {}

  // What stands in the way may pass by itself: waits before the next attempt, longer each time. False when
  // there is to be none.
  bool wait_out(IngestStep step, const Error& error);
  // The step was done: whatever was in its way is over.
  void goes_on(IngestStep step);
  // Nothing more is taken from now on.
  void stop(const Error& error);
  // The program is about to end: no obstacle is waited out for longer than a few seconds.
  void hasten();

  [[nodiscard]] std::optional<Error> failure() const;
  [[nodiscard]] bool is_stopped() const;
  // Hastened, and the time that was left is over.
  [[nodiscard]] bool is_late() const;
  [[nodiscard]] IngestHealth health() const;

 private:
  using Steady = std::chrono::steady_clock;
  struct Obstacle {
    std::string reason;
    Instant since{};
    Steady::time_point began{};
    Steady::time_point told{};
    int attempts = 0;
  };

  Obstacle& obstacle_of(IngestStep step, const Error& error);
  [[nodiscard]] bool is_late_at(Steady::time_point now) const;

  Clock& clock_;
  const Duration patience_;
  const std::function<void()> on_stopped_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Obstacle> obstacles_[2];
  std::optional<Error> failure_;
  Instant failed_at_{};
  std::optional<Steady::time_point> hastened_at_;
};

}  // namespace linnet::observe
