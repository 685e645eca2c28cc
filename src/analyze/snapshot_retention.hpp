// Which snapshots of a post's counts are kept as they age.
#pragma once

#include <span>
#include <vector>

#include "base/instant.hpp"

namespace linnet::analyze {

inline constexpr Duration kKeepAllSnapshots = std::chrono::days{7};
inline constexpr Duration kKeepHourlySnapshots = std::chrono::days{30};

// For each snapshot of one post, whether it is kept: all for 7 days, then the newest of each hour until 30
// days, then the newest of each day for ever; hours and days are UTC's. In any order; those of the future are
// kept. An hour or day that an age limit cuts through is judged as a whole, which is why it does not matter
// how often this is applied. Pure and thread-safe.
std::vector<bool> snapshots_to_keep(std::span<const Instant> captured_at, Instant now);

}  // namespace linnet::analyze
