#include "jobs/cron_expression.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "base/ascii.hpp"

namespace linnet::jobs {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using LocalSeconds = date::local_time<seconds>;

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

// One of the five.
struct FieldRule {
  std::string_view name;
  unsigned least;
  unsigned most;
  std::span<const std::string_view> words;  // the first stands for `least`
};
constexpr std::array<FieldRule, 5> kFields{{{"minute", 0, 59, {}},
                                            {"hour", 0, 23, {}},
                                            {"day of the month", 1, 31, {}},
                                            {"month", 1, 12, kMonths},
                                            {"weekday", 0, 7, kWeekdays}}};

// Longest text that can mean anything: each number of each field once.
constexpr std::size_t kLongest = 500;
// A Sunday that is a 29 February comes within forty years.
constexpr int kDaysAhead = 366 * 41;
// Of the calendar that dates are written in: what comes after it is never.
constexpr Instant kBeginOfTime = date::sys_days(date::year(0) / 1 / 1);
constexpr Instant kEndOfTime = date::sys_days(date::year(9900) / 1 / 1);

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<unsigned> read_plain_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<unsigned> read_number(const FieldRule& rule, std::string_view text) {
  for (std::size_t i = 0; i < rule.words.size(); ++i)
    if (ascii::equal_ignoring_case(text, rule.words[i])) return rule.least + static_cast<unsigned>(i);
  const auto number = read_plain_number(text);
  if (!number || *number < rule.least || *number > rule.most) return std::nullopt;
  return number;
}

// One part of a list: «*», «5», «9-17», each with or without «/2». «5/2» goes on to the end, as in every
// cron.
std::optional<std::uint64_t> read_part(const FieldRule& rule, std::string_view text) {
  unsigned step = 1;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto read = read_plain_number(text.substr(slash + 1));
    if (!read || *read == 0 || *read > rule.most) return std::nullopt;
    step = *read;
  }
  const auto range = text.substr(0, slash);
  auto first = std::optional(rule.least);
  // A week of Sundays: only where 7 is written it counts.
  auto last = std::optional(rule.most == 7 ? 6 : rule.most);
  if (range != "*") {
    const auto dash = range.find('-');
    first = read_number(rule, range.substr(0, dash));
    if (dash != std::string_view::npos) {
      last = read_number(rule, range.substr(dash + 1));
    } else if (slash == std::string_view::npos) {
      last = first;
    }
  }
  if (!first || !last || *first > *last) return std::nullopt;
  std::uint64_t bits = 0;
  for (unsigned number = *first; number <= *last; number += step) bits |= std::uint64_t{1} << number;
  return bits;
}

Result<std::uint64_t> read_field(std::string_view field, const FieldRule& rule, std::string_view text) {
  std::uint64_t bits = 0;
  for (const auto part : split(text, ",")) {
    const auto read = read_part(rule, part);
    if (!read) {
      return invalid(fmt::format(
          "{}: {}: expected *, or numbers from {} to {}{} such as 5, 1-5, */2 or a list of those, got \"{}\"",
          field, rule.name, rule.least, rule.most, rule.words.empty() ? "" : " or names of three letters",
          text.substr(0, 40)));
    }
    bits |= *read;
  }
  return bits;
}

bool has(std::uint64_t bits, unsigned number) {
  return ((bits >> number) & 1U) != 0;
}

// Of the list of days and months at least one pair is in the calendar.
bool ever_comes(std::uint64_t days, std::uint64_t months) {
  constexpr unsigned kLengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (unsigned month = 1; month <= 12; ++month) {
    for (unsigned day = 1; has(months, month) && day <= kLengths[month - 1]; ++day)
      if (has(days, day)) return true;
  }
  return false;
}

// The moment at which the local clock reaches this time, or has jumped over it, for the first time.
date::sys_seconds first_moment_of(const date::time_zone& zone, LocalSeconds local) {
  const auto info = zone.get_info(local);
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return date::sys_seconds(local.time_since_epoch() - info.first.offset);
}

// The next times of day, day by day.
std::optional<Instant> next_time_of_day(const CronExpression& cron, const date::time_zone& zone,
                                        Instant moment) {
  // A day earlier than the local one, for zones that leave out a whole day.
  auto day = date::floor<date::days>(zone.to_local(date::floor<seconds>(moment))) - date::days(1);
  for (int i = 0; i <= kDaysAhead; ++i, day += date::days(1)) {
    const date::year_month_day date(day);
    if (!cron.is_on_day(unsigned(date.day()), unsigned(date.month()), date::weekday(day).c_encoding()))
      continue;
    // Later times of day never come earlier than these, so that the first that is after `moment` is the next.
    for (unsigned minute = 0; minute < 24 * 60; ++minute) {
      if (!cron.is_at(minute / 60, minute % 60)) continue;
      const Instant at = first_moment_of(zone, day + minutes(minute));
      if (at > moment) return at;
    }
  }
  return std::nullopt;
}

// Minutes as they pass.
std::optional<Instant> next_minute(const CronExpression& cron, const date::time_zone& zone, Instant moment) {
  auto at = date::floor<seconds>(moment) + seconds(1);
  const auto end = at + date::days(kDaysAhead);
  while (at < end) {
    const auto local = zone.to_local(at);
    const auto day = date::floor<date::days>(local);
    const date::year_month_day date(day);
    if (!cron.is_on_day(unsigned(date.day()), unsigned(date.month()), date::weekday(day).c_encoding())) {
      // Not past the end of an offset, which may begin another day.
      at = std::min(at + (day + date::days(1) - local), zone.get_info(at).end);
      continue;
    }
    const auto time = date::hh_mm_ss<seconds>(local - day);
    const auto past_minute = time.seconds();
    if (past_minute == seconds(0) && cron.is_at(static_cast<unsigned>(time.hours().count()),
                                                static_cast<unsigned>(time.minutes().count())))
      return at;
    at += minutes(1) - past_minute;
  }
  return std::nullopt;
}

}  // namespace

Result<CronExpression> CronExpression::parse(std::string_view field, std::string_view text) {
  std::vector<std::string_view> parts;
  for (const auto part : split(text.substr(0, kLongest + 1), " \t"))
    if (!part.empty()) parts.push_back(part);
  if (parts.size() != kFields.size() || text.size() > kLongest) {
    return invalid(
        fmt::format("{}: expected five fields, minute, hour, day of the month, month and weekday, such as "
                    "\"30 3 * * *\", "
                    "got \"{}\"",
                    field, text.substr(0, 60)));
  }
  CronExpression cron;
  std::uint64_t* const sets[] = {&cron.minutes_, &cron.hours_, &cron.days_, &cron.months_, &cron.weekdays_};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    LINNET_TRY(*sets[i], read_field(field, kFields[i], parts[i]));
    cron.text_ += (i == 0 ? "" : " ") + std::string(parts[i]);
  }
  if (has(cron.weekdays_, 7)) cron.weekdays_ |= 1;
  cron.is_every_hour_ = parts[1] == "*";
  cron.is_every_day_ = parts[2].starts_with('*');
  cron.is_every_weekday_ = parts[4].starts_with('*');
  const bool is_day_needed = cron.is_every_day_ || cron.is_every_weekday_;
  if (is_day_needed && !ever_comes(cron.days_, cron.months_))
    return invalid(fmt::format("{}: day of the month: none of the months has it, got \"{}\"", field,
                               text.substr(0, 60)));
  return cron;
}

bool CronExpression::is_on_day(unsigned day_of_month, unsigned month, unsigned weekday) const {
  if (!has(months_, month)) return false;
  const bool is_day = has(days_, day_of_month);
  const bool is_weekday = has(weekdays_, weekday);
  return is_every_day_ || is_every_weekday_ ? is_day && is_weekday : is_day || is_weekday;
}

bool CronExpression::is_at(unsigned hour, unsigned minute) const {
  return has(hours_, hour) && has(minutes_, minute);
}

Result<Instant> CronExpression::next_after(Instant moment, std::string_view zone) const {
  if (moment > kEndOfTime || moment < kBeginOfTime)
    return invalid("moment: expected one of the years 0 to 9900");
  const date::time_zone* found = nullptr;
  try {
    found = date::locate_zone(std::string(zone));
  } catch (const std::exception&) {
    return invalid(
        fmt::format("zone: expected the name of a time zone such as \"Europe/Berlin\" or \"UTC\", got \"{}\"",
                    zone.substr(0, 60)));
  }
  const auto next =
      is_every_hour_ ? next_minute(*this, *found, moment) : next_time_of_day(*this, *found, moment);
  if (!next) return invalid(fmt::format("schedule: \"{}\" never comes", text_));
  return *next;
}

}  // namespace linnet::jobs
