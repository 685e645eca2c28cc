// What follows behind the tables, part by part: one that fails rests for a while and holds up no other.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace linnet::app {

// Used by one thread.
class FollowerParts {
 public:
  // A step of a part: true where there may be more to do.
  using Step = std::function<Result<bool>()>;
  using Time = std::chrono::steady_clock::time_point;

  explicit FollowerParts(std::chrono::milliseconds rest = std::chrono::seconds(10)) : rest_(rest) {}
  void add(std::string name, Step step) { parts_.push_back({std::move(name), std::move(step), {}}); }

  // One step of each that does not rest; what fails is said in the log. True where there may be more to do.
  bool step(Time now);

 private:
  struct Part {
    std::string name;
    Step step;
    Time rests_until;
  };
  const std::chrono::milliseconds rest_;
  std::vector<Part> parts_;
};

}  // namespace linnet::app
