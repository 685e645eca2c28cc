// The figures that are read from the tables, and those that are kept in memory, against a plain count over
// the same random posts.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "analyze/daily_summaries.hpp"
#include "analyze/domain_stats.hpp"
#include "analyze/figures_fixture.hpp"
#include "analyze/hashtag_figures.hpp"
#include "analyze/tag_activity.hpp"
#include "analyze/velocity.hpp"

namespace linnet::analyze {
namespace {

class FiguresTest : public FiguresFixture {
 protected:
  struct Uses {
    std::int64_t recent = 0, before = 0;
    std::set<std::pair<int, int>> accounts;
    Instant newest = Instant::min();
  };

  // As semantics have it, over every post.
  std::map<std::string, Uses> count_plainly(const TrendQuestion& ask) const {
    const bool is_spike = ask.method == TrendMethod::spike;
    const Instant recent_from = ask.at - (is_spike ? hours(1) : ask.window);
    const Instant before_from = ask.at - (is_spike ? hours(25) : ask.baseline);
    const Instant before_to = is_spike ? ask.at - hours(24) : recent_from;
    std::map<std::string, Uses> tags;
    for (const auto& post : posts_) {
      if (post.is_deleted || (ask.instance && ask.instance->value() != post.instance)) continue;
      const auto at = post.created_at();
      for (const auto& name : post.tags) {
        auto& tag = tags[name];
        if (at > recent_from && at <= ask.at) {
          ++tag.recent;
          tag.accounts.emplace(post.instance, post.account);
          tag.newest = std::max(tag.newest, at);
        }
        if (at > before_from && at <= before_to) ++tag.before;
      }
    }
    return tags;
  }

  std::vector<TrendingTag> trend_plainly(const TrendQuestion& ask) const {
    std::vector<TrendingTag> growing;
    std::vector<SpikeCandidate> spiking;
    for (const auto& [name, uses] : count_plainly(ask)) {
      const TrendingTag tag{name, uses.recent, uses.before, 0,
                            static_cast<std::int64_t>(uses.accounts.size())};
      growing.push_back(tag);
      if (uses.recent > 0) {
        spiking.push_back(
            {tag, std::chrono::duration<double, std::ratio<3600>>(ask.at - uses.newest).count()});
      }
    }
    auto tags = ask.method == TrendMethod::spike ? spiking_tags(std::move(spiking))
                                                 : growing_tags(std::move(growing), ask.min_posts);
    if (tags.size() > ask.limit) tags.resize(ask.limit);
    return tags;
  }

  static void expect_same(const std::vector<TrendingTag>& got, const std::vector<TrendingTag>& expected,
                          std::string_view what) {
    ASSERT_EQ(got.size(), expected.size()) << what;
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].name, expected[i].name) << what;
      EXPECT_EQ(got[i].recent, expected[i].recent) << what;
      EXPECT_EQ(got[i].baseline, expected[i].baseline) << what;
      EXPECT_EQ(got[i].accounts, expected[i].accounts) << what;
      EXPECT_NEAR(got[i].score, expected[i].score, 1e-9) << what;
    }
  }

  static std::vector<TrendQuestion> questions() {
    std::vector<TrendQuestion> list;
    for (const auto method : {TrendMethod::growth, TrendMethod::spike}) {
      for (const auto back : {minutes(0), minutes(17), minutes(45)}) {
        for (const auto window : {hours(4), hours(1)}) {
          for (const bool one : {false, true}) {
            TrendQuestion ask;
            ask.method = method;
            ask.at = kNow - back;
            ask.window = window;
            ask.limit = one ? 3 : 20;
            if (one) ask.instance = InstanceId(2);
            list.push_back(ask);
          }
        }
      }
    }
    return list;
  }

  void expect_trends(const TagActivity& activity) {
    auto reader = (*database_)->reader();
    ASSERT_TRUE(reader);
    for (const auto& ask : questions()) {
      const auto expected = trend_plainly(ask);
      const auto from_tables = trending_hashtags(**reader, ask);
      ASSERT_TRUE(from_tables) << from_tables.error().message;
      expect_same(*from_tables, expected, "from the tables");
      const auto from_memory = activity.trending(ask);
      ASSERT_TRUE(from_memory);
      expect_same(*from_memory, expected, "from memory");
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, FiguresTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(FiguresTest, TrendsAreThoseOfAPlainCountWhileTheTablesChange) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    if (seed > 1) begin_anew();
    std::minstd_rand random(seed);
    TagActivity activity;
    const auto advance = [&] {
      auto reader = (*database_)->reader();
      ASSERT_TRUE(reader);
      const auto done = activity.advance(**reader, kNow);
      ASSERT_TRUE(done) << done.error().message;
    };
    for (int i = 0; i < 60; ++i) insert(any_post(random));
    advance();
    expect_trends(activity);
    // New posts, one deleted, one with other hashtags: the index follows.
    for (int i = 0; i < 20; ++i) insert(any_post(random));
    for (const std::size_t changed : {std::size_t{3}, std::size_t{70}}) {
      auto& post = posts_[changed];
      post.is_deleted = changed == 3;
      post.tags = {"bread", "new"};
      const auto id = std::to_string(1'000 + changed);
      write([&](store::Connection& connection) {
        return store::run(
            connection, "UPDATE posts SET deleted_at = $3, hashtags = $4 WHERE instance_id = $1 AND id = $2",
            {std::int64_t{post.instance}, std::string_view(id),
             post.is_deleted ? store::Value(to_micros(kNow)) : store::Value(),
             std::string_view(json(post.tags))});
      });
      activity.note_changed(InstanceId(post.instance), id);
    }
    advance();
    expect_trends(activity);
    activity.forget();
    advance();
    expect_trends(activity);
  }
}

TEST_P(FiguresTest, WhatTheIndexDoesNotHoldItDoesNotAnswer) {
  TagActivity activity;
  TrendQuestion ask;
  ask.at = kNow;
  EXPECT_FALSE(activity.trending(ask)) << "before it is filled";
  auto reader = (*database_)->reader();
  ASSERT_TRUE(activity.advance(**reader, kNow));
  EXPECT_TRUE(activity.trending(ask));
  ask.at = kNow - hours(48);
  EXPECT_FALSE(activity.trending(ask)) << "too long ago";
  ask.at = kNow;
  ask.method = TrendMethod::burst;
  EXPECT_FALSE(activity.trending(ask));
}

TEST_P(FiguresTest, VelocityIsTheDifferenceOfTheCountsAtBothEnds) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    if (seed > 1) begin_anew();
    std::minstd_rand random(100 + seed);
    for (int i = 0; i < 80; ++i) insert(any_post(random));
    for (const auto window : {minutes(30), minutes(60), minutes(240)}) {
      VelocityQuestion ask;
      ask.at = kNow;
      ask.window = window;
      ask.more_than = 10;
      ask.limit = 1'000;
      std::map<std::string, std::int64_t> expected;
      for (std::size_t i = 0; i < posts_.size(); ++i) {
        const auto& post = posts_[i];
        const auto at = [&](Instant moment) -> std::optional<std::int64_t> {
          std::optional<std::int64_t> count;
          for (const auto& snapshot : post.snapshots) {
            if (post.created_at() + minutes(snapshot.minute) <= moment) count = snapshot.favourites;
          }
          return count;
        };
        const auto end = at(ask.at);
        if (post.is_deleted || !end) continue;
        const auto begin = at(ask.at - window);
        const bool is_new = post.created_at() > ask.at - window;
        const auto from = begin.value_or(is_new ? 0 : post.snapshots.front().favourites);
        if (*end - from > ask.more_than) expected[std::to_string(1'000 + i)] = *end - from;
      }
      auto reader = (*database_)->reader();
      const auto fast = fast_posts(**reader, ask);
      ASSERT_TRUE(fast) << fast.error().message;
      std::map<std::string, std::int64_t> got;
      for (const auto& post : *fast) {
        got[post.id] = post.gained;
        EXPECT_EQ(post.to - post.from, post.gained);
      }
      EXPECT_EQ(got, expected);
      EXPECT_TRUE(std::is_sorted(fast->begin(), fast->end(), [](const FastPost& a, const FastPost& b) {
        return a.gained != b.gained ? a.gained > b.gained : a.id < b.id;
      }));
    }
  }
}

TEST_P(FiguresTest, DomainsAreCountedByHourAndCountedAgainOnceTheyChange) {
  std::minstd_rand random(7);
  for (int i = 0; i < 60; ++i) insert(any_post(random));
  const Instant from = floor_hour(kNow) - hours(70);
  const Instant to = floor_hour(kNow) + hours(1);
  const auto expect_domains = [&] {
    std::map<std::string, std::int64_t> posts;
    std::map<std::string, std::int64_t> engagement;
    for (const auto& post : posts_) {
      if (post.created_at() < from || post.created_at() >= to) continue;
      const std::string domain = post.account % 3 == 0 ? "xn--bcher-kva.example"
                                                       : (post.instance == 1 ? "one.example" : "two.example");
      ++posts[domain];
      engagement[domain] += 2 * post.snapshots.back().favourites;
    }
    auto reader = (*database_)->reader();
    const auto domains = busiest_domains(**reader, {}, from, to, 100);
    ASSERT_TRUE(domains) << domains.error().message;
    ASSERT_EQ(domains->size(), posts.size());
    for (const auto& domain : *domains) {
      EXPECT_EQ(domain.posts, posts[domain.domain]) << domain.domain;
      EXPECT_EQ(domain.engagement, engagement[domain.domain]) << domain.domain;
    }
  };
  const auto refresh = [&]() -> std::int64_t {
    auto reader = (*database_)->reader();
    const auto changed = refresh_domain_stats(**reader, *writer_, from, to);
    EXPECT_TRUE(changed) << changed.error().message;
    return changed ? *changed : -1;
  };
  EXPECT_GT(refresh(), 0);
  expect_domains();
  EXPECT_EQ(refresh(), 0) << "nothing changed";
  insert(any_post(random));
  insert(any_post(random));
  EXPECT_GT(refresh(), 0);
  expect_domains();
}

TEST_P(FiguresTest, ADayIsSummarisedOnceAndAgainWhenItChanged) {
  PostSketch post;
  post.minutes_ago = 24 * 60;  // yesterday
  post.tags = {"books"};
  post.snapshots = {{0, 4}};
  insert(post);
  post.is_deleted = true;
  insert(post);
  const Instant day = floor_day(kNow) - std::chrono::days(1);
  auto reader = (*database_)->reader();
  const auto stats = count_day(**reader, InstanceId(1), day);
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(stats->instance, "one.example");
  EXPECT_EQ(stats->posts, 1);
  EXPECT_EQ(stats->deletions, 1);
  ASSERT_EQ(stats->topics.size(), 1U);
  EXPECT_EQ(stats->topics[0].name, "books");
  ASSERT_EQ(stats->notable.size(), 1U);
  EXPECT_EQ(stats->notable[0].favourites, 4);

  ASSERT_TRUE(make_missing_summaries(**reader, *writer_, kNow));
  const auto made = list_daily_summaries(**reader, {});
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->size(), 1U) << "an instance without posts has no summary";
  EXPECT_EQ(made->front().date, "2026-08-09");
  EXPECT_EQ(made->front().provider, kSummaryProvider);
  const auto again = make_daily_summary(**reader, *writer_, InstanceId(1), day, kNow);
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again) << "the same statistics";
  post.is_deleted = false;
  insert(post);
  const auto changed = make_daily_summary(**reader, *writer_, InstanceId(1), day, kNow);
  ASSERT_TRUE(changed);
  EXPECT_TRUE(*changed);
  const auto listed = list_daily_summaries(**reader, {});
  ASSERT_EQ(listed->size(), 1U) << "in place of the earlier one";
  EXPECT_NE(listed->front().input_hash, made->front().input_hash);
}

TEST_P(FiguresTest, DaysOnWhichTheProgramDidNotRunAreSummarisedAfterwards) {
  for (int days_ago : {0, 1, 2, 4, 25, 40}) {
    PostSketch post;
    post.minutes_ago = days_ago * 24 * 60;
    post.snapshots = {{0, 4}};
    insert(post);
  }
  const auto dates = [&] {
    auto reader = (*database_)->reader();
    std::vector<std::string> list;
    const auto made = list_daily_summaries(**reader, {});
    EXPECT_TRUE(made);
    for (const auto& summary : *made) list.push_back(summary.date);
    return list;
  };
  auto reader = (*database_)->reader();
  ASSERT_TRUE(make_missing_summaries(**reader, *writer_, kNow));
  const std::vector<std::string> expected{"2026-08-09", "2026-08-08", "2026-08-06", "2026-07-16"};
  EXPECT_EQ(dates(), expected) << "no day without posts, none too long ago, not today";
  ASSERT_TRUE(make_missing_summaries(**reader, *writer_, kNow));
  EXPECT_EQ(dates(), expected);
}

}  // namespace
}  // namespace linnet::analyze
