#include "analyze/snapshot_retention.hpp"

#include <algorithm>
#include <unordered_map>

namespace linnet::analyze {
namespace {

using Newest = std::unordered_map<std::int64_t, Instant>;

void note(Newest& newest, Instant period, Instant captured_at) {
  const auto [entry, is_first] = newest.emplace(to_micros(period), captured_at);
  if (!is_first) entry->second = std::max(entry->second, captured_at);
}

}  // namespace

std::vector<bool> snapshots_to_keep(std::span<const Instant> captured_at, Instant now) {
  Newest of_hour;
  Newest of_day;
  for (const auto t : captured_at) {
    note(of_hour, floor_hour(t), t);
    note(of_day, floor_day(t), t);
  }
  std::vector<bool> keep;
  keep.reserve(captured_at.size());
  for (const auto t : captured_at) {
    const auto age = now - t;
    keep.push_back(age <= kKeepAllSnapshots ||
                   (age <= kKeepHourlySnapshots && of_hour.at(to_micros(floor_hour(t))) == t) ||
                   of_day.at(to_micros(floor_day(t))) == t);
  }
  return keep;
}

}  // namespace linnet::analyze
