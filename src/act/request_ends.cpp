#include "act/request_ends.hpp"

#include <algorithm>
#include <optional>

namespace linnet::act {

void RequestEnds::ended(const AttemptId& id) {
  ends_.with([&](auto& ends) { ends[id.value()] = Steady::now(); });
}

void RequestEnds::forget(const AttemptId& id) {
  ends_.with([&](auto& ends) { ends.erase(id.value()); });
}

Duration RequestEnds::left(const AttemptId& id, Duration margin, Instant ended, const Moment& at) const {
  const auto known = ends_.with([&](const auto& ends) {
    const auto found = ends.find(id.value());
    return found == ends.end() ? std::optional<Steady::time_point>() : std::optional(found->second);
  });
  const auto passed = std::chrono::duration_cast<Duration>(at.steady - known.value_or(since_));
  const auto left = margin - passed;
  const auto by_the_day = known ? left : ended + margin - at.wall;
  return std::max({left, by_the_day, Duration(0)});
}

}  // namespace linnet::act
