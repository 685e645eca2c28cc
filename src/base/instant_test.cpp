// Reading and writing moments and durations.
#include "base/instant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/instant_words.hpp"

namespace linnet {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kYear1 = -62'135'596'800'000'000;
constexpr std::int64_t kYear9999End = 253'402'300'799'999'999;

std::int64_t micros(std::string_view text) {
  const auto t = parse_iso8601(text);
  EXPECT_TRUE(t) << text;
  return t ? to_micros(*t) : -1;
}

TEST(Instant, is_said_as_people_say_it) {
  EXPECT_EQ(in_words(*parse_iso8601("2026-11-30T18:58:12.171003Z")), "30 Nov 2026, 18:58 UTC");
  EXPECT_EQ(in_words(*parse_iso8601("1969-02-01T00:00:59.999Z")), "1 Feb 1969, 00:00 UTC");
}

TEST(Instant, writes_iso_8601) {
  EXPECT_EQ(to_iso8601(from_micros(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(from_micros(1'785'592'182'878'000)), "2026-08-01T13:49:42.878Z");
  EXPECT_EQ(to_iso8601(from_micros(1)), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(to_iso8601(from_micros(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(to_iso8601(from_micros(kYear1)), "0001-01-01T00:00:00.000Z");
}

TEST(Instant, reads_what_servers_write) {
  EXPECT_EQ(micros("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(micros("1970-01-01"), 0);
  EXPECT_EQ(micros("1970-01-01T00:00"), 0);
  EXPECT_EQ(micros("1970-01-01 01:00:00+01:00"), 0);
  EXPECT_EQ(micros("1969-12-31t19:30:00-0430"), 0);
  EXPECT_EQ(micros("1970-01-01T00:00:00.5Z"), 500'000);
  EXPECT_EQ(micros("1970-01-01T00:00:00.123456999Z"), 123'456);
  EXPECT_EQ(micros("2016-12-31T23:59:60Z"), micros("2017-01-01T00:00:00Z"));
  EXPECT_EQ(micros("2024-02-29T00:00:00Z") - micros("2024-02-28"), 86'400'000'000);
}

TEST(Instant, refuses_anything_else) {
  for (const std::string_view text : {"",
                                      "now",
                                      "2026",
                                      "2026-08",
                                      "2026-13-01",
                                      "2026-02-29",
                                      "2023-02-29",
                                      "2026-08-01T",
                                      "2026-08-01T24:00:00Z",
                                      "2026-08-01T13:60:00Z",
                                      "2026-08-01T13:49:61Z",
                                      "2026-08-01T13:49:42.Z",
                                      "2026-08-01T13:49:42Z ",
                                      " 2026-08-01T13:49:42Z",
                                      "2026-08-01T13:49:42+",
                                      "2026-08-01T13:49:42+25:00",
                                      "0000-01-01",
                                      "+2026-08-01",
                                      "0001-01-01T00:00:00+01:00",
                                      "9999-12-31T23:59:59-01:00",
                                      "2026-8-1",
                                      "20260801T134942Z"}) {
    EXPECT_FALSE(parse_iso8601(text)) << text;
  }
  const auto failed = parse_instant("--at", "yesterday");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().safe, HasSubstr("--at"));
  EXPECT_THAT(failed.error().safe, HasSubstr("yesterday"));
}

RC_GTEST_PROP(Instant, what_is_written_is_read_back, ()) {
  const auto t = from_micros(*rc::gen::inRange(kYear1, kYear9999End));
  const auto back = parse_iso8601(to_iso8601(t));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == t);
}

RC_GTEST_PROP(Instant, later_is_written_later, ()) {
  const auto range = rc::gen::inRange<std::int64_t>(0, kYear9999End / 1000);
  const auto a = from_micros(*range * 1000);
  const auto b = from_micros(*range * 1000);
  RC_ASSERT((a < b) == (to_iso8601(a) < to_iso8601(b)));
}

RC_GTEST_PROP(Instant, any_bytes_are_harmless, (const std::string& bytes)) {
  const auto t = parse_iso8601(bytes);
  RC_ASSERT(!t || parse_iso8601(to_iso8601(*t)) == t);
}

RC_GTEST_PROP(Instant, an_hour_begins_at_or_before_its_moments, ()) {
  const auto t = from_micros(*rc::gen::inRange(kYear1, kYear9999End));
  const auto hour = floor_hour(t);
  RC_ASSERT(hour <= t);
  RC_ASSERT(t - hour < std::chrono::hours{1});
  RC_ASSERT(floor_hour(hour) == hour);
  RC_ASSERT(floor_day(t) <= hour);
}

TEST(Instant, reads_durations) {
  EXPECT_EQ(*parse_duration("w", "90s"), std::chrono::seconds{90});
  EXPECT_EQ(*parse_duration("w", "1h30m"), std::chrono::minutes{90});
  EXPECT_EQ(*parse_duration("w", "2w"), std::chrono::days{14});
  EXPECT_EQ(*parse_duration("w", "7d"), std::chrono::days{7});
}

TEST(Instant, refuses_durations_that_are_none) {
  for (const std::string_view text : {"", "0s", "h", "10", "-1h", "1h-30m", "1.5h", "1y", "1h 30m",
                                      "9999999999w", "3153600000w", "99999999999999999999s", "200000d"}) {
    const auto failed = parse_duration("--window", text);
    ASSERT_FALSE(failed) << text;
    EXPECT_EQ(failed.error().kind, ErrorKind::invalid);
    EXPECT_THAT(failed.error().safe, HasSubstr("--window"));
  }
}

}  // namespace
}  // namespace linnet
