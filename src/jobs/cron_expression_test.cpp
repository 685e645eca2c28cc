// When something is due next, also where clocks are changed.
#include "jobs/cron_expression.hpp"

#include <date/tz.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <set>
#include <vector>

namespace linnet::jobs {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

Instant at(std::string_view text) {
  return *parse_iso8601(text);
}

// The times that follow, as people write them.
std::vector<std::string> times(std::string_view cron, std::string_view zone, std::string_view after,
                               int count) {
  const auto parsed = CronExpression::parse("schedule", cron);
  if (!parsed) return {parsed.error().safe};
  std::vector<std::string> found;
  auto moment = at(after);
  for (int i = 0; i < count; ++i) {
    const auto next = parsed->next_after(moment, zone);
    if (!next) return {next.error().safe};
    moment = *next;
    found.push_back(to_iso8601(moment).substr(0, 16));
  }
  return found;
}

std::string refusal(std::string_view cron) {
  const auto parsed = CronExpression::parse("schedule", cron);
  return parsed ? "taken" : parsed.error().safe;
}

using Times = std::vector<std::string>;

TEST(CronExpression, ReadsWhatCronReads) {
  EXPECT_EQ(times("30 3 * * *", "UTC", "2026-08-01T03:29:59Z", 2),
            (Times{"2026-08-01T03:30", "2026-08-02T03:30"}));
  EXPECT_EQ(times("30 3 * * *", "UTC", "2026-08-01T03:30:00Z", 1), Times{"2026-08-02T03:30"}) << "after it";
  EXPECT_EQ(times("*/20 9-10 * * *", "UTC", "2026-08-01T09:30:00Z", 4),
            (Times{"2026-08-01T09:40", "2026-08-01T10:00", "2026-08-01T10:20", "2026-08-01T10:40"}));
  EXPECT_EQ(times("5/25 0 * * *", "UTC", "2026-08-01T00:00:00Z", 3),
            (Times{"2026-08-01T00:05", "2026-08-01T00:30", "2026-08-01T00:55"}));
  EXPECT_EQ(times("0 12 * * Mon,wed-FRI", "UTC", "2026-08-02T00:00:00Z", 4),
            (Times{"2026-08-03T12:00", "2026-08-05T12:00", "2026-08-06T12:00", "2026-08-07T12:00"}));
  EXPECT_EQ(times("0 0 1 jan,JUL *", "UTC", "2026-08-01T00:00:00Z", 2),
            (Times{"2027-01-01T00:00", "2027-07-01T00:00"}));
  EXPECT_EQ(times("0 0 * * 7", "UTC", "2026-08-01T00:00:00Z", 1),
            times("0 0 * * 0", "UTC", "2026-08-01T00:00:00Z", 1));
  EXPECT_EQ(times("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1), Times{"2104-02-29T00:00"});
  EXPECT_EQ(times("  15\t4  * * * ", "UTC", "2026-08-01T00:00:00Z", 1), Times{"2026-08-01T04:15"});
}

TEST(CronExpression, TakesEitherDayWhereBothAreGiven) {
  EXPECT_EQ(times("0 6 13 * fri", "UTC", "2026-08-01T00:00:00Z", 4),
            (Times{"2026-08-07T06:00", "2026-08-13T06:00", "2026-08-14T06:00", "2026-08-21T06:00"}));
}

TEST(CronExpression, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(refusal("60 * * * *"), HasSubstr("schedule: minute: expected"));
  EXPECT_THAT(refusal("0 24 * * *"), HasSubstr("schedule: hour: expected"));
  EXPECT_THAT(refusal("0 0 0 * *"), HasSubstr("schedule: day of the month: expected"));
  EXPECT_THAT(refusal("0 0 * 13 *"), HasSubstr("schedule: month: expected"));
  EXPECT_THAT(refusal("0 0 * * monday"), HasSubstr("schedule: weekday: expected"));
  EXPECT_THAT(refusal("0 0 30 feb *"), HasSubstr("none of the months has it"));
  EXPECT_EQ(refusal("0 0 30 feb mon"), "taken") << "the Mondays come";
  for (const auto* const bad :
       {"5-3 * * * *", "*/0 * * * *", "1, * * * *", "-1 * * * *", "1-2-3 * * * *", "a * * * *", "*/x * * * *",
        "+5 * * * *", "1//2 * * * *", "** * * * *", "99999999999 * * * *"})
    EXPECT_THAT(refusal(bad), HasSubstr("schedule: minute: expected")) << bad;
  for (const auto* const bad : {"", "*", "* * * *", "* * * * * *", "@daily"})
    EXPECT_THAT(refusal(bad), HasSubstr("expected five fields")) << bad;
  EXPECT_THAT(times("0 0 * * *", "Mars/Base", "2026-08-01T00:00:00Z", 1).front(),
              HasSubstr("zone: expected"));
}

TEST(CronExpression, ATimeThatIsJumpedOverIsTheFirstMomentAfterTheGap) {
  EXPECT_EQ(times("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            (Times{"2026-03-29T01:00", "2026-03-30T00:30"}));
  EXPECT_EQ(times("0,30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2),
            (Times{"2026-03-29T01:00", "2026-03-29T01:30"}))
      << "and that moment is one time, however many point to it";
  EXPECT_EQ(times("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 1), Times{"2026-10-03T15:30"})
      << "a gap of half an hour";
  EXPECT_EQ(times("0 9 30 12 *", "Pacific/Apia", "2011-12-29T00:00:00Z", 1), Times{"2011-12-30T10:00"})
      << "a whole day that never was";
}

TEST(CronExpression, ATimeThatExistsTwiceIsTheFirst) {
  EXPECT_EQ(times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            (Times{"2026-10-25T00:30", "2026-10-26T01:30"}));
  EXPECT_EQ(times("30 2 * * *", "Europe/Berlin", "2026-10-25T00:45:00Z", 1), Times{"2026-10-26T01:30"})
      << "asked between the two";
  EXPECT_EQ(times("30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", 2),
            (Times{"2026-11-01T05:30", "2026-11-02T06:30"}));
}

TEST(CronExpression, EveryHourGoesOnThroughBothChanges) {
  EXPECT_EQ(times("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:15:00Z", 4),
            (Times{"2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"}));
  EXPECT_EQ(times("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2),
            (Times{"2026-03-29T00:30", "2026-03-29T01:30"}));
}

// --- what it gives is what walking along the local clock, minute by minute, gives

struct Change {
  const char* zone;
  const char* near;
};
constexpr Change kChanges[] = {{"Europe/Berlin", "2026-03-29T01:00:00Z"},
                               {"Europe/Berlin", "2026-10-25T01:00:00Z"},
                               {"America/New_York", "2026-03-08T07:00:00Z"},
                               {"America/New_York", "2026-11-01T06:00:00Z"},
                               {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
                               {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
                               {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
                               {"Africa/Casablanca", "2026-02-15T02:00:00Z"},
                               {"Pacific/Apia", "2011-12-30T10:00:00Z"},
                               {"Asia/Kathmandu", "2026-06-01T00:00:00Z"},
                               {"UTC", "2026-12-31T23:00:00Z"}};

bool matches(const CronExpression& cron, date::local_time<Duration> local) {
  const auto day = date::floor<date::days>(local);
  const date::year_month_day date(day);
  const auto minute = static_cast<unsigned>((local - day) / minutes(1));
  return cron.is_on_day(unsigned(date.day()), unsigned(date.month()), date::weekday(day).c_encoding()) &&
         cron.is_at(minute / 60, minute % 60);
}

// Every time in (from, to]: the local clock is looked at each minute, and what it shows is remembered.
std::vector<Instant> walk(const CronExpression& cron, const date::time_zone& zone, Instant from, Instant to) {
  std::vector<Instant> found;
  std::set<date::local_time<Duration>> shown;
  // From well before, so that what the clock has shown is known.
  auto last = zone.to_local(from - hours(30));
  for (auto now = from - hours(30) + minutes(1); now <= to; now += minutes(1)) {
    const auto local = zone.to_local(now);
    bool is_due = false;
    if (cron.is_every_hour()) {
      is_due = matches(cron, local);
    } else {
      for (auto passed = last + minutes(1); passed <= local; passed += minutes(1))
        if (shown.insert(passed).second && matches(cron, passed)) is_due = true;
    }
    last = local;
    if (is_due && now > from) found.push_back(now);
  }
  return found;
}

std::string field(unsigned least, unsigned most) {
  const auto number = [&] { return std::to_string(*rc::gen::inRange(least, most + 1)); };
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return number();
    case 1:
      return number() + "," + number();
    case 2: {
      const auto first = *rc::gen::inRange(least, most + 1);
      return std::to_string(first) + "-" + std::to_string(*rc::gen::inRange(first, most + 1));
    }
    case 3:
      return "*/" + std::to_string(*rc::gen::inRange(1U, most + 1));
    default:
      return "*";
  }
}

RC_GTEST_PROP(CronExpressionProperty, IsWhatWalkingAlongTheLocalClockFinds, ()) {
  const auto& change = kChanges[*rc::gen::inRange<std::size_t>(0, std::size(kChanges))];
  const auto text = field(0, 59) + " " + (*rc::gen::arbitrary<bool>() ? field(0, 3) : field(0, 23)) + " " +
                    field(1, 31) + " " + (*rc::gen::arbitrary<bool>() ? "*" : field(1, 12)) + " " +
                    field(0, 7);
  RC_LOG() << text << " in " << change.zone << " near " << change.near << "\n";
  const auto parsed = CronExpression::parse("schedule", text);
  if (!parsed) RC_DISCARD("never comes");
  const auto* const zone = date::locate_zone(change.zone);
  const auto from = at(change.near) - minutes(*rc::gen::inRange(0, 36 * 60));
  const auto to = from + hours(50);
  std::vector<Instant> found;
  for (auto next = parsed->next_after(from, change.zone); next && *next <= to;
       next = parsed->next_after(*next, change.zone))
    found.push_back(*next);
  RC_ASSERT(found == walk(*parsed, *zone, from, to));
}

RC_GTEST_PROP(CronExpressionProperty, NoTextBreaksIt, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::element('*', '/', '-', ',', ' ', '0', '1', '5', '9', 'm', 'o', 'n', 'j', 'a', '\t', '\xff'));
  const auto parsed = CronExpression::parse("schedule", text);
  if (!parsed) {
    RC_ASSERT(parsed.error().safe.starts_with("schedule: "));
    return;
  }
  const auto again = CronExpression::parse("schedule", parsed->text());
  RC_ASSERT(again.ok());
  const auto now = at("2026-08-01T00:00:00Z");
  RC_ASSERT(*again->next_after(now, "Europe/Berlin") == *parsed->next_after(now, "Europe/Berlin"));
  RC_ASSERT(*parsed->next_after(now, "Europe/Berlin") > now);
}

}  // namespace
}  // namespace linnet::jobs
