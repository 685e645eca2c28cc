#include "connect/mastodon/poll_schedule.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace linnet::connect::mastodon {
namespace {

constexpr Duration kHour = std::chrono::hours{1};
constexpr Duration kDay = std::chrono::days{1};
constexpr Duration kSixHours = std::chrono::hours{6};

// The time of the post's n-th reading (from 1), counted from its creation, without the jitter.
constexpr Duration age_at(int n) {
  return n <= 24 ? n * kHour : kDay + (n - 24) * kSixHours;
}
constexpr int kReadings = 24 + 6 * 4;
static_assert(age_at(24) == kDay && age_at(kReadings) == kPolledFor);

// Up to a tenth of the interval, so that the order of readings stays.
Duration jitter(int n, std::uint64_t hash) {
  const auto span = (n <= 24 ? kHour : kSixHours) / 10;
  return Duration{static_cast<Duration::rep>(hash % static_cast<std::uint64_t>(span.count()))};
}

}  // namespace

std::optional<Instant> next_poll(Instant created_at, Instant last_read, std::string_view post_id) {
  const auto age = last_read - created_at;
  if (age >= kPolledFor + kSixHours) return std::nullopt;
  const auto hash = fast_hash(post_id);
  // The last reading whose time without jitter is not after last_read; the one before it, if any, has passed.
  int n = 1;
  if (age >= kDay) {
    n = 24 + static_cast<int>((age - kDay) / kSixHours);
  } else if (age > Duration{0}) {
    n = std::max(1, static_cast<int>(age / kHour));
  }
  for (; n <= kReadings; ++n) {
    const auto due = created_at + age_at(n) + jitter(n, hash);
    if (due > last_read) return due;
  }
  return std::nullopt;
}

}  // namespace linnet::connect::mastodon
