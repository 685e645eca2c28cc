// Each post has its own times of reading: hourly for a day, then each 6 hours to the 7th day.
#include "connect/mastodon/poll_schedule.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::connect::mastodon {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

const Instant kCreated = parse_iso8601("2026-08-01T12:34:56Z").value();

TEST(PollSchedule, reads_a_post_24_times_on_its_first_day_and_24_times_after) {
  int first_day = 0;
  int later = 0;
  auto last = kCreated;
  while (const auto due = next_poll(kCreated, last, "42")) {
    ASSERT_GT(*due, last);
    const auto step = *due - last;
    if (*due <= kCreated + hours(24) + minutes(6)) {
      ++first_day;
      EXPECT_GE(step, minutes(54));
      EXPECT_LE(step, minutes(66));
    } else {
      ++later;
      EXPECT_GE(step, hours(5));
      EXPECT_LE(step, hours(7));
    }
    last = *due;
  }
  EXPECT_EQ(first_day, 24);
  EXPECT_EQ(later, 24);
  EXPECT_GE(last, kCreated + days(7));
  EXPECT_LT(last, kCreated + days(7) + hours(1));
}

TEST(PollSchedule, many_missed_times_are_one_reading) {
  const auto last_read = kCreated + minutes(70);
  const auto due = next_poll(kCreated, last_read, "42").value();
  EXPECT_LT(due, kCreated + hours(3)) << "the first that was missed";
  const auto after = next_poll(kCreated, kCreated + hours(10), "42").value();
  EXPECT_GT(after, kCreated + hours(10)) << "and after a late reading none of those before it";
}

TEST(PollSchedule, ends_after_the_seventh_day) {
  EXPECT_FALSE(next_poll(kCreated, kCreated + days(8), "42"));
  EXPECT_FALSE(next_poll(kCreated, kCreated + days(300), "42"));
}

TEST(PollSchedule, a_post_read_before_it_was_made_is_due_after_its_first_hour) {
  const auto due = next_poll(kCreated, kCreated - days(1), "42").value();
  EXPECT_GE(due, kCreated + hours(1));
  EXPECT_LT(due, kCreated + hours(1) + minutes(6));
}

TEST(PollSchedule, posts_of_one_moment_are_not_due_at_one_moment) {
  std::vector<int> minute(6);
  for (int id = 0; id < 600; ++id) {
    const auto due = next_poll(kCreated, kCreated, std::to_string(id)).value();
    ++minute.at(static_cast<std::size_t>((due - kCreated - hours(1)) / minutes(1)));
  }
  for (const int posts : minute) {
    EXPECT_GT(posts, 60);
    EXPECT_LT(posts, 140);
  }
}

RC_GTEST_PROP(PollSchedule, is_always_later_than_the_last_reading_and_within_an_interval,
              (std::uint32_t seconds)) {
  const auto last = kCreated + std::chrono::seconds(seconds % (8 * 86'400));
  const auto due = next_poll(kCreated, last, "7");
  if (!due) {
    RC_ASSERT(last >= kCreated + kPolledFor);
    return;
  }
  RC_ASSERT(*due > last);
  RC_ASSERT(*due - last <=
            (last < kCreated + hours(24) - minutes(6) ? Duration(minutes(66)) : Duration(hours(7))));
}

}  // namespace
}  // namespace linnet::connect::mastodon
