#include "observe/ingest_state.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace linnet::observe {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr Duration kFirstWait = std::chrono::milliseconds(50);
constexpr Duration kLongestWait = seconds(2);
constexpr auto kTellsAgain = std::chrono::minutes(1);
constexpr auto kLastPatience = seconds(6);

Duration wait_before(int attempt) {
  return std::min<Duration>(kFirstWait * (1 << std::min(attempt, 10)), kLongestWait);
}

}  // namespace

std::string_view to_string(IngestHealth::State state) {
  switch (state) {
    case IngestHealth::State::running:
      return "running";
    case IngestHealth::State::waiting:
      return "waiting";
    case IngestHealth::State::stopped:
      return "stopped";
  }
  return "stopped";
}

IngestState::Obstacle& IngestState::obstacle_of(IngestStep step, const Error& error) {
  auto& obstacle = obstacles_[static_cast<std::size_t>(step)];
  const auto now = Steady::now();
  if (!obstacle) obstacle = Obstacle{{}, clock_.now(), now, {}, 0};
  const bool is_new = obstacle->reason != error.safe;
  obstacle->reason = error.safe;
  if (is_new || now - obstacle->told >= kTellsAgain) {
    obstacle->told = now;
    log::warn("ingest waits, and tries again by itself: {}", error.message);
  }
  return *obstacle;
}

bool IngestState::is_late_at(Steady::time_point now) const {
  return hastened_at_ && now - *hastened_at_ >= kLastPatience;
}

bool IngestState::wait_out(IngestStep step, const Error& error) {
  std::unique_lock lock(mutex_);
  auto& obstacle = obstacle_of(step, error);
  const auto now = Steady::now();
  if (failure_ || is_late_at(now) || now - obstacle.began >= patience_) return false;
  changed_.wait_for(lock, wait_before(obstacle.attempts++), [&] { return failure_.has_value(); });
  return !failure_;
}

void IngestState::goes_on(IngestStep step) {
  const std::scoped_lock lock(mutex_);
  auto& obstacle = obstacles_[static_cast<std::size_t>(step)];
  if (!obstacle) return;
  log::info("ingest goes on after {} s", duration_cast<seconds>(Steady::now() - obstacle->began).count());
  obstacle.reset();
}

void IngestState::stop(const Error& error) {
  {
    const std::scoped_lock lock(mutex_);
    if (failure_) return;
    log::error("ingest stopped: {}", error.message);
    failure_ = error;
    failed_at_ = clock_.now();
  }
  changed_.notify_all();
  if (on_stopped_) on_stopped_();
}

void IngestState::hasten() {
  {
    const std::scoped_lock lock(mutex_);
    if (!hastened_at_) hastened_at_ = Steady::now();
  }
  changed_.notify_all();
}

std::optional<Error> IngestState::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

bool IngestState::is_stopped() const {
  const std::scoped_lock lock(mutex_);
  return failure_.has_value();
}

bool IngestState::is_late() const {
  const std::scoped_lock lock(mutex_);
  return is_late_at(Steady::now());
}

IngestHealth IngestState::health() const {
  const std::scoped_lock lock(mutex_);
  if (failure_) return {IngestHealth::State::stopped, failure_->safe, failed_at_};
  for (const auto& obstacle : obstacles_) {
    if (obstacle) return {IngestHealth::State::waiting, obstacle->reason, obstacle->since};
  }
  return {};
}

}  // namespace linnet::observe
