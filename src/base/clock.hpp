#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/instant.hpp"

namespace linnet {

// Where time comes from. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  // Waits until `deadline` or until stopped; false when stopped.
  virtual bool sleep_until(Instant deadline, const std::stop_token& stop) = 0;
  // Waits for that long, whatever becomes of the time of day meanwhile.
  virtual bool sleep_for(Duration duration, const std::stop_token& stop) {
    return sleep_until(now() + duration, stop);
  }
};

// The time of day may be set, forwards and back: sleep_until() looks at it again and again, sleep_for() does
// not look at it.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  bool sleep_until(Instant deadline, const std::stop_token& stop) override;
  bool sleep_for(Duration duration, const std::stop_token& stop) override;
};

// A clock that tests drive: sleepers wake when the time is set past their deadline.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : now_(start) {}
  [[nodiscard]] Instant now() const override;
  bool sleep_until(Instant deadline, const std::stop_token& stop) override;
  void set(Instant t);
  void advance(Duration d);
  // How many wait for the time to be set, now.
  [[nodiscard]] int sleepers() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Instant now_;
  int sleepers_ = 0;
};

}  // namespace linnet
