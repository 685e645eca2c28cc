// The clock of the program: this machine's, unless a test moves it.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.hpp"

namespace linnet {

// Whoever sleeps until a moment wakes when the clock is moved past it; whoever sleeps for a while sleeps that
// long.
class SteeredClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  bool sleep_until(Instant deadline, const std::stop_token& stop) override;
  bool sleep_for(Duration duration, const std::stop_token& stop) override;
  // How far it was moved: so much time has passed for all that measures time by other means as well.
  [[nodiscard]] Duration let_pass() const { return Duration(offset_.load()); }

  // From now on shows the moment that stands in the file, and goes on from there; when the file says another,
  // that. `invalid` where it cannot be read, or holds none. To be called once.
  Status follow(const std::string& file);

 private:
  Status look(const std::string& file, std::optional<std::string>& seen);

  std::atomic<Duration::rep> offset_{0};
  std::jthread follower_;  // last: it uses the others
};

}  // namespace linnet
