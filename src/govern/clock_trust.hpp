// Whether the time of day may be believed by what destroys by it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/guarded.hpp"
#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::govern {

// A clock that jumped years ahead for a moment would take everything away that is kept for a year. So the
// time of day is compared with a clock that nobody sets, since the process began, and with what was written
// down: after a jump, or where nothing is known of the days before, what destroys waits until the clock has
// gone evenly for a day. Of those days tells note_believed(); what is written under a clock that is doubted
// does not lead up to it. Thread-safe.
class ClockTrust {
 public:
  using Steady = std::chrono::steady_clock;

  // The steady clock of `look`: it goes on while the machine sleeps.
  static Steady::time_point steady_now();

  ClockTrust(Instant now, Steady::time_point steady) : state_(State{now, steady, false, {}, {}}) {}

  // To be asked every few seconds, so that no jump is missed. Why what destroys waits, for people; empty: it
  // need not.
  Result<std::string> look(store::Connection& connection, Instant now, Steady::time_point steady);
  // What look() said last.
  [[nodiscard]] std::string doubt() const;

 private:
  struct State {
    // At one moment: when the process began, after the newest jump, or, once it is trusted, the last look.
    Instant wall;
    Steady::time_point steady;
    bool is_trusted = false;  // it went evenly for a day since
    std::string jumped;       // in words; empty: it did not
    std::string doubt;
  };
  Guarded<State> state_;
};

// That the clock is believed at this moment: to be written down now and then by whoever is told so by look().
Status note_believed(store::Connection& connection, Instant now);

}  // namespace linnet::govern
