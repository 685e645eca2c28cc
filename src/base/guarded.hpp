#pragma once

#include <mutex>
#include <utility>

namespace linnet {

// A value that can be reached only while its mutex is held, so that unlocked access cannot be written.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  // Calls `use` with the value while holding the mutex, and returns what it returns.
  template <typename Use>
  decltype(auto) with(Use&& use) {
    const std::scoped_lock lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <typename Use>
  decltype(auto) with(Use&& use) const {
    const std::scoped_lock lock(mutex_);
    return std::forward<Use>(use)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace linnet
