// When something is done again and again, as cron writes it: «30 3 * * mon-fri».
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.hpp"

namespace linnet::jobs {

// Five fields: minute, hour, day of the month, month, weekday (0 and 7 are Sunday). Each is «*», a number, a
// range «9-17», a step «*/15» or «9-17/2», or a list of those; months and weekdays also have their English
// names of three letters. Where both the day of the month and the weekday are given, either is enough.
//
// The times are those of a local clock. One that the clock jumps over in spring is the first moment after the
// gap; one that it shows twice in autumn is the first of the two. «*» for the hour is no time of day but
// «every hour»: then minutes are counted as they pass, none are made up for a gap, and none are left out in
// an hour that the clock shows twice.
class CronExpression {
 public:
  // `invalid` names `field`, which of the five it is, and what was expected. Refuses what never comes, such
  // as 30 February.
  static Result<CronExpression> parse(std::string_view field, std::string_view text);

  // The first time after `moment`. `invalid` where there is no such zone.
  [[nodiscard]] Result<Instant> next_after(Instant moment, std::string_view zone) const;

  [[nodiscard]] const std::string& text() const { return text_; }

  // Whether a local clock that shows this is meant: weekday 0 is Sunday.
  [[nodiscard]] bool is_on_day(unsigned day_of_month, unsigned month, unsigned weekday) const;
  [[nodiscard]] bool is_at(unsigned hour, unsigned minute) const;
  [[nodiscard]] bool is_every_hour() const { return is_every_hour_; }

 private:
  CronExpression() = default;

  std::string text_;
  std::uint64_t minutes_ = 0;  // a bit for each
  std::uint64_t hours_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t weekdays_ = 0;
  bool is_every_hour_ = false;
  bool is_every_day_ = false;  // of the month
  bool is_every_weekday_ = false;
};

}  // namespace linnet::jobs
