#include "connect/discord/snowflake.hpp"

#include <algorithm>
#include <charconv>

namespace linnet::connect::discord {
namespace {

constexpr std::int64_t kEpochMillis = 1'420'070'400'000;
constexpr unsigned kTimeShift = 22;

}  // namespace

std::optional<std::uint64_t> parse_snowflake(std::string_view text) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id == 0 || text.front() == '0') return {};
  return id;
}

Instant time_of_snowflake(std::uint64_t id) {
  return from_micros((static_cast<std::int64_t>(id >> kTimeShift) + kEpochMillis) * 1'000);
}

std::uint64_t first_snowflake_at(Instant at) {
  const auto millis = std::max<std::int64_t>(0, to_micros(at) / 1'000 - kEpochMillis);
  return static_cast<std::uint64_t>(millis) << kTimeShift;
}

}  // namespace linnet::connect::discord
