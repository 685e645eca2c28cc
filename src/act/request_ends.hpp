// When requests ended, by a clock that nobody sets.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "act/attempt.hpp"
#include "base/guarded.hpp"

namespace linnet::act {

// One moment, by the time of day and by the steady clock.
struct Moment {
  Instant wall;
  std::chrono::steady_clock::time_point steady;
};

// Of the requests that ended unanswered while this process lived. Thread-safe.
class RequestEnds {
 public:
  using Steady = std::chrono::steady_clock;

  // The request of the attempt ended now, at the latest.
  void ended(const AttemptId& id);
  // What became of it is known.
  void forget(const AttemptId& id);
  // What is left at that moment of a margin after the end. Of a request that ended here the steady clock
  // alone counts. Of any other only the time of day is known, which may have been set since: the margin is
  // not over before this process has lived as long.
  [[nodiscard]] Duration left(const AttemptId& id, Duration margin, Instant ended, const Moment& at) const;

 private:
  const Steady::time_point since_ = Steady::now();
  Guarded<std::map<std::string, Steady::time_point>> ends_;
};

}  // namespace linnet::act
