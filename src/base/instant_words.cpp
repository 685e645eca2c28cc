#include "base/instant_words.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace linnet {

std::string in_words(Instant t) {
  namespace chr = std::chrono;
  // Not the locale's: the rest of the sentence is English.
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = chr::floor<chr::days>(t);
  const chr::year_month_day date{day};
  const chr::hh_mm_ss clock{t - day};
  return fmt::format("{} {} {}, {:02}:{:02} UTC", static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count());
}

}  // namespace linnet
