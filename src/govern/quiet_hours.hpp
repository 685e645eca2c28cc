// Hours of a person's own day in which nothing goes out in an account's name.
#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace linnet::govern {

// The quiet hours of each day of the week; the first is Monday.
using QuietWeek = std::array<std::bitset<24>, 7>;
inline constexpr std::array<std::string_view, 7> kWeekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                           "friday", "saturday", "sunday"};

// Local hours of the day, from `start_hour` up to, not including, `end_hour`; across midnight where start is
// the later one. Equal hours mean none. Those of the week take their place where there are any.
struct QuietHours {
  bool enabled = true;
  int start_hour = 23;
  int end_hour = 7;
  std::string time_zone = "UTC";
  std::optional<QuietWeek> week;
  friend bool operator==(const QuietHours&, const QuietHours&) = default;
};

// `invalid` for a week without an hour that is not quiet: what waits for its end would wait for ever.
Status check_quiet_week(const QuietWeek& week);

// Whether `t` lies in the quiet hours; if so, their end.
Result<std::optional<Instant>> quiet_until(const QuietHours& hours, Instant t);

// "23:00 to 07:00 Europe/Berlin"
std::string in_words(const QuietHours& hours);

}  // namespace linnet::govern
