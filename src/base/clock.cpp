#include "base/clock.hpp"

#include <algorithm>

namespace linnet {
namespace {

// A clock that is set is noticed within this time.
constexpr Duration kLooksAgain = std::chrono::seconds(1);

}  // namespace

Instant SystemClock::now() const {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

bool SystemClock::sleep_until(Instant deadline, const std::stop_token& stop) {
  for (auto left = deadline - now(); left > Duration{0}; left = deadline - now()) {
    if (!sleep_for(std::min(left, kLooksAgain), stop)) return false;
  }
  return !stop.stop_requested();
}

bool SystemClock::sleep_for(Duration duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

Instant ManualClock::now() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

bool ManualClock::sleep_until(Instant deadline, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  ++sleepers_;
  changed_.wait(lock, stop, [&] { return now_ >= deadline; });
  --sleepers_;
  return !stop.stop_requested();
}

int ManualClock::sleepers() const {
  const std::scoped_lock lock(mutex_);
  return sleepers_;
}

void ManualClock::set(Instant t) {
  {
    const std::scoped_lock lock(mutex_);
    now_ = t;
  }
  changed_.notify_all();
}

void ManualClock::advance(Duration d) {
  set(now() + d);
}

}  // namespace linnet
