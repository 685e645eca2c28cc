#include "base/clock.hpp"

namespace linnet {

Instant SystemClock::now() const {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

bool SystemClock::sleep_until(Instant deadline, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_until(lock, stop, deadline, [] { return false; });
  return !stop.stop_requested();
}

Instant ManualClock::now() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

bool ManualClock::sleep_until(Instant deadline, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return now_ >= deadline; });
  return !stop.stop_requested();
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
