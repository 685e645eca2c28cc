#include "base/local_time.hpp"

#include <date/tz.h>
#include <fmt/format.h>

namespace linnet {
namespace {

// The library throws where a name is not known or the database cannot be read.
Result<const date::time_zone*> find_zone(std::string_view field, std::string_view zone) {
  try {
    return date::locate_zone(std::string(zone));
  } catch (const std::exception& error) {
    return invalid(
        fmt::format("{}: expected the name of a time zone such as \"Europe/Berlin\" or \"UTC\", got \"{}\"",
                    field, zone.substr(0, 60)));
  }
}

}  // namespace

Status check_time_zone(std::string_view field, std::string_view zone) {
  LINNET_TRY(const auto* const found, find_zone(field, zone));
  (void)found;
  return {};
}

Result<LocalHour> local_hour(std::string_view zone, Instant t) {
  LINNET_TRY(const auto* const found, find_zone("time zone", zone));
  const auto local = found->to_local(t);
  const auto day = date::floor<date::days>(local);
  const auto hour = std::chrono::duration_cast<std::chrono::hours>(local - day).count();
  const unsigned weekday = date::weekday(day).iso_encoding() - 1;
  return LocalHour{static_cast<int>(weekday), static_cast<int>(hour)};
}

Result<Instant> next_local_hour(std::string_view zone, Instant t, int hour) {
  LINNET_TRY(const auto* const found, find_zone("time zone", zone));
  auto day = date::floor<date::days>(found->to_local(t));
  for (int tries = 0; tries < 3; ++tries, day += date::days(1)) {
    const auto wanted = date::local_time<Duration>(day.time_since_epoch() + std::chrono::hours(hour));
    const Instant at = found->to_sys(wanted, date::choose::earliest);
    if (at > t) return at;
  }
  return internal_error("no such hour within three days");
}

}  // namespace linnet
