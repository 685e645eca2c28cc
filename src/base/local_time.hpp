// A person's local day, for the few places where it matters: quiet hours, calendars, digests.
#pragma once

#include <string_view>

#include "base/instant.hpp"

namespace linnet {

// `invalid` unless the name is one of the IANA time zone database ("Europe/Berlin", "UTC").
Status check_time_zone(std::string_view field, std::string_view zone);

// Hour of the local day, 0 … 23, and weekday, 0 is Monday.
struct LocalHour {
  int weekday = 0;
  int hour = 0;
};
Result<LocalHour> local_hour(std::string_view zone, Instant t);

// The first moment after `t` at which the local clock shows `hour`:00. Where the clock jumps over that time,
// the moment of the jump; where it shows it twice, the first.
Result<Instant> next_local_hour(std::string_view zone, Instant t, int hour);

}  // namespace linnet
