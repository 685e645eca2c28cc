// Which snapshots stay: the rule on examples, and that it does not matter how often it is applied.
#include "analyze/snapshot_retention.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace linnet::analyze {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;

const Instant kKeptAt = *parse_iso8601("2026-08-01T12:00:00Z");

std::vector<Instant> kept(const std::vector<Instant>& snapshots, Instant now) {
  const auto keep = snapshots_to_keep(snapshots, now);
  std::vector<Instant> left;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    if (keep[i]) left.push_back(snapshots[i]);
  }
  return left;
}

TEST(SnapshotRetention, keeps_everything_for_a_week) {
  std::vector<Instant> snapshots;
  for (int i = 0; i <= 7 * 24 * 60; i += 5) snapshots.push_back(kKeptAt - minutes{i});
  EXPECT_EQ(kept(snapshots, kKeptAt), snapshots);
}

TEST(SnapshotRetention, then_the_newest_of_each_hour) {
  const auto hour = floor_hour(kKeptAt - days{10});
  EXPECT_THAT(kept({hour, hour + minutes{59}, hour + minutes{30}, hour + minutes{60}}, kKeptAt),
              ElementsAre(hour + minutes{59}, hour + minutes{60}));
}

TEST(SnapshotRetention, then_the_newest_of_each_day) {
  const auto day = floor_day(kKeptAt - days{400});
  EXPECT_THAT(kept({day, day + hours{23}, day + hours{12}, day + hours{24}}, kKeptAt),
              ElementsAre(day + hours{23}, day + hours{24}));
}

TEST(SnapshotRetention, limits_belong_to_the_younger_side) {
  const auto week_ago = kKeptAt - days{7};
  EXPECT_THAT(kept({week_ago, week_ago + minutes{5}}, kKeptAt), ElementsAre(week_ago, week_ago + minutes{5}));
  EXPECT_THAT(kept({week_ago, week_ago + minutes{5}}, kKeptAt + Duration{1}),
              ElementsAre(week_ago + minutes{5}));
  const auto month_ago = kKeptAt - days{30};
  EXPECT_THAT(kept({month_ago, month_ago + hours{2}}, kKeptAt), ElementsAre(month_ago, month_ago + hours{2}));
  EXPECT_THAT(kept({month_ago, month_ago + hours{2}}, kKeptAt + Duration{1}),
              ElementsAre(month_ago + hours{2}));
}

TEST(SnapshotRetention, keeps_what_comes_from_the_future) {
  EXPECT_THAT(kept({kKeptAt + minutes{1}, kKeptAt + minutes{2}}, kKeptAt),
              ElementsAre(kKeptAt + minutes{1}, kKeptAt + minutes{2}));
}

rc::Gen<std::vector<Instant>> some_snapshots() {
  // Up to 50 days back, crowded into few hours so that many share one.
  const auto one = rc::gen::apply(
      [](int day, int hour, int minute) { return kKeptAt - days{day} - hours{hour} - minutes{minute}; },
      rc::gen::inRange(0, 50), rc::gen::inRange(0, 3), rc::gen::inRange(0, 60));
  return rc::gen::map(rc::gen::container<std::set<Instant>>(one), [](const std::set<Instant>& all) {
    return std::vector<Instant>(all.begin(), all.end());
  });
}

RC_GTEST_PROP(SnapshotRetention, applying_it_again_changes_nothing, ()) {
  const auto once = kept(*some_snapshots(), kKeptAt);
  RC_ASSERT(kept(once, kKeptAt) == once);
}

RC_GTEST_PROP(SnapshotRetention, applied_every_day_is_applied_once, ()) {
  const auto snapshots = *some_snapshots();
  const auto step = minutes{*rc::gen::inRange(30, 3'000)};
  auto daily = snapshots;
  const auto end = kKeptAt + days{40};
  for (auto now = kKeptAt - days{50}; now < end; now += step) daily = kept(daily, now);
  RC_ASSERT(kept(daily, end) == kept(snapshots, end));
}

RC_GTEST_PROP(SnapshotRetention, every_day_keeps_its_newest, ()) {
  const auto snapshots = *some_snapshots();
  const auto left = kept(snapshots, kKeptAt + days{*rc::gen::inRange(0, 1'000)});
  for (const auto t : snapshots) {
    Instant newest = t;
    for (const auto other : snapshots) {
      if (floor_day(other) == floor_day(t)) newest = std::max(newest, other);
    }
    RC_ASSERT(std::find(left.begin(), left.end(), newest) != left.end());
  }
}

}  // namespace
}  // namespace linnet::analyze
