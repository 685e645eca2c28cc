#include "base/local_time.hpp"

#include <gtest/gtest.h>

namespace linnet {
namespace {

Instant at(std::string_view text) {
  return *parse_iso8601(text);
}

TEST(LocalTime, KnowsZonesByName) {
  EXPECT_TRUE(check_time_zone("timezone", "Europe/Berlin"));
  EXPECT_TRUE(check_time_zone("timezone", "UTC"));
  const auto wrong = check_time_zone("timezone", "Mars/Base");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().safe.find("timezone: expected"), std::string::npos);
}

TEST(LocalTime, GivesTheHourOfTheLocalDay) {
  EXPECT_EQ(local_hour("America/New_York", at("2026-07-01T03:30:00Z"))->hour, 23);
  EXPECT_EQ(local_hour("America/New_York", at("2026-07-01T03:30:00Z"))->weekday, 1);  // still Tuesday
  EXPECT_EQ(local_hour("Asia/Kolkata", at("2026-07-01T18:29:00Z"))->hour, 23);
}

TEST(LocalTime, FindsTheNextHourAcrossClockChanges) {
  // 2026-03-08: New York jumps from 02:00 to 03:00.
  EXPECT_EQ(next_local_hour("America/New_York", at("2026-03-08T05:00:00Z"), 2).value(),
            at("2026-03-08T07:00:00Z"));
  EXPECT_EQ(next_local_hour("America/New_York", at("2026-03-08T05:00:00Z"), 7).value(),
            at("2026-03-08T11:00:00Z"));
  // 2026-11-01: 01:30 comes twice.
  EXPECT_EQ(next_local_hour("America/New_York", at("2026-11-01T04:00:00Z"), 1).value(),
            at("2026-11-01T05:00:00Z"));
  EXPECT_EQ(next_local_hour("America/New_York", at("2026-11-01T05:00:00Z"), 7).value(),
            at("2026-11-01T12:00:00Z"));
}

}  // namespace
}  // namespace linnet
