// Looks at the clock so often that no jump is missed, for all who destroy by it, and writes down now and then
// that it was believed.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "govern/clock_trust.hpp"
#include "store/database.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

class ClockWatch {
 public:
  // The references outlive it. `let_pass` is how far a test has moved the clock: so much time has passed by
  // every clock.
  ClockWatch(store::Database& database, Clock& clock, std::function<Duration()> let_pass)
      : database_(database),
        clock_(clock),
        let_pass_(std::move(let_pass)),
        trust_(clock_.now(), ClockTrust::steady_now() + let_pass_()) {}

  // Why what destroys by the clock is to wait; empty: it need not. Thread-safe.
  Result<std::string> look();
  // To be called every few seconds, by one thread.
  void watch(store::Writer& writer);
  [[nodiscard]] const ClockTrust& trust() const { return trust_; }

 private:
  void note_believed_now(store::Writer& writer, Instant now);

  store::Database& database_;
  Clock& clock_;
  const std::function<Duration()> let_pass_;
  ClockTrust trust_;
  std::string told_;  // of the doubt, as it was logged
  std::optional<std::chrono::steady_clock::time_point> noted_at_;
};

}  // namespace linnet::govern
