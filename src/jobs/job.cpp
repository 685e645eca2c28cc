#include "jobs/job.hpp"

#include <algorithm>

namespace linnet::jobs {

const Kind* find_kind(std::span<const Kind> kinds, std::string_view name) {
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

Duration wait_after(const Kind& kind, std::int64_t tries) {
  constexpr Duration kLongest = std::chrono::hours(1);
  constexpr std::int64_t kMostDoublings = 20;
  const auto doublings = std::clamp<std::int64_t>(tries - 1, 0, kMostDoublings);
  return std::min(kLongest, kind.first_wait * (std::int64_t{1} << doublings));
}

}  // namespace linnet::jobs
