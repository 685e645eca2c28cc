// Quiet hours of every day and of each day of the week, across midnight and the changes of the clock.
#include "govern/quiet_hours.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/local_time.hpp"

namespace linnet::govern {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Instant at(std::string_view text) {
  return *parse_iso8601(text);
}

// Where clocks change by an hour at night, by half an hour, at midnight, never.
rc::Gen<std::string> any_zone() {
  return rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                                       "Australia/Lord_Howe", "Pacific/Apia", "Asia/Beirut",
                                       "America/Havana");
}
Instant any_moment() {
  return Instant(std::chrono::seconds(*rc::gen::inRange<std::int64_t>(1'600'000'000, 1'900'000'000)));
}
// Within two days of a change of the clock in Berlin or New York.
Instant moment_of_change() {
  const auto change = *rc::gen::element<std::string>("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z",
                                                     "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z");
  return at(change) + minutes(*rc::gen::inRange(-2'880, 2'880));
}

TEST(QuietHours, WrapPastMidnightAndFollowTheClockChanges) {
  const QuietHours night{true, 23, 7, "America/New_York", {}};
  EXPECT_EQ(quiet_until(night, at("2026-07-01T03:30:00Z")).value(), at("2026-07-01T11:00:00Z"));
  EXPECT_FALSE(quiet_until(night, at("2026-07-01T20:00:00Z")).value());
  // The night of the clock going forward is an hour shorter, that of going back an hour longer.
  EXPECT_EQ(quiet_until(night, at("2026-03-08T05:00:00Z")).value(), at("2026-03-08T11:00:00Z"));
  EXPECT_EQ(quiet_until(night, at("2026-11-01T04:00:00Z")).value(), at("2026-11-01T12:00:00Z"));
  EXPECT_FALSE(quiet_until({true, 8, 8, "UTC", {}}, at("2026-07-01T08:30:00Z")).value());
  EXPECT_FALSE(quiet_until({false, 0, 23, "UTC", {}}, at("2026-07-01T08:30:00Z")).value());
}

// Their end is never itself quiet, lies ahead, and not more than a day and a clock change away; two days,
// where the clock leaves out the one hour that is not quiet.
RC_GTEST_PROP(QuietHours, EndOutsideThemselves, ()) {
  const QuietHours quiet{
      true,
      *rc::gen::inRange(0, 24),
      *rc::gen::inRange(0, 24),
      *rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                                     "Australia/Lord_Howe", "Pacific/Apia"),
      {}};
  const auto t = Instant(std::chrono::seconds(*rc::gen::inRange<std::int64_t>(1'600'000'000, 1'900'000'000)));
  const auto until = quiet_until(quiet, t);
  RC_ASSERT(until.ok());
  if (!until.value()) return;
  RC_ASSERT(*until.value() > t);
  RC_ASSERT(*until.value() - t <= hours(49));
  RC_ASSERT(!quiet_until(quiet, *until.value()).value());
}

QuietWeek any_week() {
  QuietWeek week;
  for (auto& day : week) day = *rc::gen::inRange<unsigned long>(0, 1UL << 24U);
  if (!check_quiet_week(week)) week[3].reset(12);
  return week;
}

bool is_quiet(const QuietHours& quiet, Instant t) {
  return quiet_until(quiet, t).value().has_value();
}

// Every moment is quiet by what the local clock shows then, and by nothing else; the end is the first moment
// that is not.
RC_GTEST_PROP(QuietWeeks, GoByTheLocalClock, ()) {
  const QuietHours quiet{true, 23, 7, *any_zone(), any_week()};
  const auto t = *rc::gen::arbitrary<bool>() ? any_moment() : moment_of_change();
  const auto shown = local_hour(quiet.time_zone, t).value();
  const bool expected =
      quiet.week->at(static_cast<std::size_t>(shown.weekday)).test(static_cast<std::size_t>(shown.hour));
  const auto until = quiet_until(quiet, t).value();
  RC_ASSERT(until.has_value() == expected);
  if (!until) return;
  RC_ASSERT(*until > t);
  RC_ASSERT(!is_quiet(quiet, *until));
  const auto most = std::min(*until, t + hours(72));
  for (auto between = t; between < most; between += minutes(15)) RC_ASSERT(is_quiet(quiet, between));
  RC_ASSERT(is_quiet(quiet, *until - std::chrono::microseconds(1)));
}

// The same hours for every day, written down both ways, are the same.
RC_GTEST_PROP(QuietWeeks, OfEqualDaysAreTheHoursOfEveryDay, ()) {
  QuietHours daily{true,
                   *rc::gen::inRange(0, 24),
                   *rc::gen::inRange(0, 24),
                   *rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"),
                   {}};
  auto weekly = daily;
  weekly.week = QuietWeek{};
  for (int hour = 0; hour < 24; ++hour) {
    const bool wraps = daily.start_hour > daily.end_hour;
    const bool within =
        daily.start_hour != daily.end_hour && (wraps ? hour >= daily.start_hour || hour < daily.end_hour
                                                     : hour >= daily.start_hour && hour < daily.end_hour);
    for (auto& day : *weekly.week) day.set(static_cast<std::size_t>(hour), within);
  }
  const auto t = *rc::gen::arbitrary<bool>() ? any_moment() : moment_of_change();
  RC_ASSERT(is_quiet(daily, t) == is_quiet(weekly, t));
  RC_ASSERT(quiet_until(daily, t).value() == quiet_until(weekly, t).value());
}

TEST(QuietWeeks, CrossMidnightFromOneDayToTheNext) {
  QuietHours quiet{true, 23, 7, "Europe/Berlin", QuietWeek{}};
  quiet.week->at(4).set(23);  // Friday
  quiet.week->at(5).set(0);   // Saturday
  EXPECT_EQ(quiet_until(quiet, at("2026-07-03T21:30:00Z")).value(), at("2026-07-03T23:00:00Z"));
  EXPECT_FALSE(quiet_until(quiet, at("2026-07-04T21:30:00Z")).value());  // Saturday, 23:30
}

TEST(QuietWeeks, AreShorterAndLongerInTheNightsOfTheClock) {
  QuietHours quiet{true, 23, 7, "Europe/Berlin", QuietWeek{}};
  for (std::size_t hour = 0; hour < 4; ++hour) quiet.week->at(6).set(hour);  // Sunday until 4
  EXPECT_EQ(quiet_until(quiet, at("2026-03-28T23:00:00Z")).value(), at("2026-03-29T02:00:00Z"));
  EXPECT_EQ(quiet_until(quiet, at("2026-10-24T22:00:00Z")).value(), at("2026-10-25T03:00:00Z"));
}

// The one hour that is not quiet is left out by the clock: it comes a week later.
TEST(QuietWeeks, WaitForAnHourThatTheClockLeavesOut) {
  QuietHours quiet{true, 23, 7, "Europe/Berlin", QuietWeek{}};
  for (auto& day : *quiet.week) day.set();
  quiet.week->at(6).reset(2);
  EXPECT_EQ(quiet_until(quiet, at("2026-03-28T12:00:00Z")).value(), at("2026-04-05T00:00:00Z"));
}

TEST(QuietWeeks, AreOffWithTheRest) {
  QuietHours quiet{false, 23, 7, "UTC", QuietWeek{}};
  for (auto& day : *quiet.week) day.set();
  EXPECT_FALSE(quiet_until(quiet, at("2026-03-28T12:00:00Z")).value());
}

TEST(QuietHours, AreToldInWords) {
  EXPECT_EQ(in_words({true, 23, 7, "UTC", {}}), "23:00 to 07:00 UTC");
  EXPECT_EQ(in_words({true, 23, 7, "Europe/Berlin", QuietWeek{}}), "those of the week, Europe/Berlin");
}

}  // namespace
}  // namespace linnet::govern
