#include "govern/quiet_hours.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/local_time.hpp"

namespace linnet::govern {
namespace {

QuietWeek every_day(const QuietHours& hours) {
  QuietWeek week;
  for (int hour = hours.start_hour; hour != hours.end_hour; hour = (hour + 1) % 24) {
    for (auto& day : week) day.set(static_cast<std::size_t>(hour));
  }
  return week;
}

// Hour by hour, as the local clock shows them: one that the clock leaves out is left out, one that it shows
// twice counts twice.
Result<std::optional<Instant>> quiet_until(const QuietWeek& week, const std::string& zone, Instant t) {
  // A clock change may leave out the one hour that is not quiet; not two weeks in a row.
  constexpr int kMostHours = 24 * 22;
  for (int i = 0; i < kMostHours; ++i) {
    LINNET_TRY(const auto local, local_hour(zone, t));
    const bool is_quiet =
        week.at(static_cast<std::size_t>(local.weekday)).test(static_cast<std::size_t>(local.hour));
    if (!is_quiet) return i == 0 ? std::optional<Instant>() : std::optional(t);
    LINNET_TRY(t, next_local_hour(zone, t, (local.hour + 1) % 24));
  }
  return internal_error("the quiet hours do not end within three weeks");
}

}  // namespace

Status check_quiet_week(const QuietWeek& week) {
  if (std::any_of(week.begin(), week.end(), [](const auto& day) { return !day.all(); })) return {};
  return invalid(
      "quietHours.week: expected at least one hour that is not quiet; switch the account off instead");
}

Result<std::optional<Instant>> quiet_until(const QuietHours& hours, Instant t) {
  if (!hours.enabled) return std::optional<Instant>();
  if (hours.week) return quiet_until(*hours.week, hours.time_zone, t);
  if (hours.start_hour == hours.end_hour) return std::optional<Instant>();
  return quiet_until(every_day(hours), hours.time_zone, t);
}

std::string in_words(const QuietHours& hours) {
  if (hours.week) return fmt::format("those of the week, {}", hours.time_zone);
  return fmt::format("{:02}:00 to {:02}:00 {}", hours.start_hour, hours.end_hour, hours.time_zone);
}

}  // namespace linnet::govern
