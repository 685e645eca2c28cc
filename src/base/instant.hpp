// Moments in time. In code and store a moment is a UTC instant in 64-bit microseconds since 1970; at every
// edge that a person or another program sees it is ISO 8601 with «Z».
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet {

using Duration = std::chrono::microseconds;
using Instant = std::chrono::sys_time<Duration>;

constexpr Instant from_micros(std::int64_t micros) {
  return Instant{Duration{micros}};
}
constexpr std::int64_t to_micros(Instant t) {
  return t.time_since_epoch().count();
}

// The last whole hour at or before t, also before 1970.
constexpr Instant floor_hour(Instant t) {
  return std::chrono::floor<std::chrono::hours>(t);
}
constexpr Instant floor_day(Instant t) {
  return std::chrono::floor<std::chrono::days>(t);
}

// "2026-08-01T13:49:42.878Z"; six digits where there are microseconds, three where there are only
// milliseconds, always at least three.
std::string to_iso8601(Instant t);

// Reads RFC 3339 / ISO 8601 with an offset or «Z»; a date alone is its midnight UTC, a time without an offset
// is UTC. Years 0001 to 9999; digits past the sixth are dropped. Nothing else is accepted; nullopt says so.
std::optional<Instant> parse_iso8601(std::string_view text);

// The same with an error that names the field.
Result<Instant> parse_instant(std::string_view field, std::string_view text);

// As people write a moment that something is to happen at: not without an offset or «Z», so that no clock is
// guessed. A date alone is refused as well.
Result<Instant> parse_zoned_instant(std::string_view field, std::string_view text);

// "90s", "15m", "1h", "7d", "2w", and sums of them such as "1h30m"; always positive.
Result<Duration> parse_duration(std::string_view field, std::string_view text);

}  // namespace linnet
