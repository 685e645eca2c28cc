// Trends: the two that are given, and the burst on planted trends, planted spam and plain noise.
#include "analyze/trend_math.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <random>

namespace linnet::analyze {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

TrendingTag counted(std::string name, std::int64_t recent, std::int64_t baseline) {
  return {std::move(name), recent, baseline, 0, 0};
}

auto named(const std::string& name) {
  return Field(&TrendingTag::name, name);
}

TEST(GrowingTags, keeps_what_grew_by_half_in_order) {
  const auto tags =
      growing_tags({counted("steady", 6, 4), counted("b", 7, 4), counted("a", 7, 4), counted("new", 3, 0),
                    counted("few", 2, 0), counted("top", 90, 10), counted("falling", 10, 50)});
  EXPECT_THAT(tags, ElementsAre(named("top"), named("a"), named("b"), named("new")));
  EXPECT_DOUBLE_EQ(tags[0].score, 9);
  EXPECT_DOUBLE_EQ(tags[3].score, 3);
  EXPECT_THAT(growing_tags({counted("few", 2, 0)}, 2), ElementsAre(named("few")));
}

TEST(SpikingTags, score_and_order) {
  EXPECT_DOUBLE_EQ(spike_score(10, 5, 0), 1);
  EXPECT_DOUBLE_EQ(spike_score(10, 0, 0), 10);
  EXPECT_DOUBLE_EQ(spike_score(0, 4, 6), -std::exp(-1.0));
  EXPECT_DOUBLE_EQ(spike_score(7, 7, 1), 0);
  const auto tags = spiking_tags({{counted("b", 10, 5), 0},
                                  {counted("a", 10, 5), 0},
                                  {counted("old", 10, 5), 0.9},
                                  {counted("gone", 0, 5), 24},
                                  {counted("new", 8, 0), 0.1}});
  EXPECT_THAT(tags, ElementsAre(named("new"), named("a"), named("b"), named("old")));
}

// P(X >= k) of the negative binomial, added up term by term.
double tail_by_sum(std::int64_t k, double r, double p) {
  long double below = 0;
  for (std::int64_t i = 0; i < k; ++i) {
    const auto n = static_cast<long double>(i);
    below += std::exp(std::lgamma(n + r) - std::lgamma(n + 1) - std::lgamma(static_cast<long double>(r)) +
                      static_cast<long double>(r) * std::log(static_cast<long double>(p)) +
                      n * std::log1p(-static_cast<long double>(p)));
  }
  return static_cast<double>(1 - below);
}

TEST(BurstScore, is_the_tail_of_the_negative_binomial) {
  for (const std::int64_t past : {0, 1, 7, 60, 600}) {
    for (const std::int64_t recent : {1, 2, 5, 20, 120}) {
      for (const double season : {0.5, 1.0, 3.0}) {
        const BurstEvidence evidence{recent, past, 6, season};
        const double exact = tail_by_sum(recent, 0.5 + static_cast<double>(past), 6 / (6 + season));
        if (exact < 1e-13) continue;  // The sum cannot say.
        EXPECT_NEAR(burst_score(evidence), -std::log10(exact), 1e-3 + 1e-15 / exact)
            << recent << " after " << past;
      }
    }
  }
}

TEST(BurstScore, a_long_past_counts_as_six_windows) {
  EXPECT_NEAR(burst_score({20, 60, 6, 1}), burst_score({20, 420, 42, 1}), 1e-9);
  EXPECT_LT(burst_score({20, 10, 1, 1}), burst_score({20, 60, 6, 1}));
  EXPECT_NEAR(expected_accounts({20, 420, 42, 1}), 10, 0.1);
}

TEST(BurstScore, says_nothing_without_a_past) {
  EXPECT_EQ(burst_score({50, 0, 0, 1}), 0);
  EXPECT_EQ(burst_score({0, 0, 42, 1}), 0);
  EXPECT_EQ(expected_accounts({50, 0, 0, 1}), 0);
}

TEST(BurstScore, stays_a_number_for_any_counts) {
  const double huge = burst_score({10'000'000, 42'000'000, 42, 1});
  EXPECT_TRUE(std::isfinite(huge));
  EXPECT_GT(huge, 100'000);
  EXPECT_NEAR(burst_score({1'000'000, 42'000'000, 42, 1}), -std::log10(0.5), 0.01);
  EXPECT_NEAR(burst_score({1, 42'000'000, 42, 1}), 0, 1e-9);
}

RC_GTEST_PROP(BurstScore, grows_with_the_present_and_falls_with_the_past, ()) {
  const auto count = rc::gen::inRange<std::int64_t>(0, 5'000);
  const double windows = *rc::gen::inRange(1, 100);
  const BurstEvidence evidence{*count + 1, *count, windows, 1};
  auto more_now = evidence;
  more_now.recent_accounts += 1 + *count;
  auto more_before = evidence;
  more_before.past_accounts += 1 + *count;
  auto busier = evidence;
  busier.season = 2;
  const double score = burst_score(evidence);
  RC_ASSERT(std::isfinite(score));
  RC_ASSERT(score >= 0);
  RC_ASSERT(burst_score(more_now) >= score);
  RC_ASSERT(burst_score(more_before) <= score + 1e-9);
  RC_ASSERT(burst_score(busier) <= score + 1e-9);
}

TEST(BurstSeason, is_how_busy_everything_is) {
  EXPECT_DOUBLE_EQ(burst_season(200, 4'200, 42), 2);
  EXPECT_DOUBLE_EQ(burst_season(1, 4'200, 42), 0.1);
  EXPECT_DOUBLE_EQ(burst_season(200, 0, 42), 1);
  EXPECT_DOUBLE_EQ(burst_season(200, 4'200, 0), 1);
}

// A made-up network: accounts use each tag as a Poisson process, 42 past windows and a recent one.
class PlantedTrends : public testing::Test {
 protected:
  BurstCandidate tag(std::string name, double rate, double recent_rate, double season = 1) {
    BurstCandidate candidate{std::move(name), 0, {0, 0, kWindows, season}};
    for (int i = 0; i < kWindows; ++i) candidate.evidence.past_accounts += draw(rate);
    candidate.evidence.recent_accounts = draw(recent_rate);
    candidate.recent_posts = 2 * candidate.evidence.recent_accounts;
    return candidate;
  }

  std::int64_t draw(double rate) { return std::poisson_distribution<std::int64_t>(rate)(random_); }

  static constexpr int kWindows = 42;
  std::mt19937_64 random_{4};  // The same network on every run.
};

TEST_F(PlantedTrends, are_found_among_steady_tags) {
  std::vector<BurstCandidate> candidates;
  for (int i = 0; i < 300; ++i)
    candidates.push_back(tag("steady" + std::to_string(i), 0.1 * (i + 1), 0.1 * (i + 1)));
  candidates.push_back(tag("tripled", 20, 60));
  candidates.push_back(tag("from-nothing", 0, 30));
  candidates.push_back(tag("small", 0.2, 8));
  const auto tags = bursting_tags(candidates);
  ASSERT_GE(tags.size(), 3U);
  std::vector<std::string> first;
  for (std::size_t i = 0; i < 3; ++i) first.push_back(tags[i].name);
  EXPECT_THAT(first, testing::UnorderedElementsAre("tripled", "from-nothing", "small"));
  EXPECT_LE(tags.size(), 4U);
  EXPECT_EQ(tags[0].name, "from-nothing");
}

TEST_F(PlantedTrends, one_loud_account_is_none) {
  // 500 posts by one account; 30 accounts with one post each; a ring of two.
  const BurstCandidate spam{"spam", 500, {1, 0, kWindows, 1}};
  const BurstCandidate ring{"ring", 400, {2, 0, kWindows, 1}};
  const BurstCandidate trend{"trend", 30, {30, 4 * kWindows, kWindows, 1}};
  EXPECT_LT(burst_score(spam.evidence), burst_score(trend.evidence));
  EXPECT_LT(burst_score(ring.evidence), burst_score(trend.evidence));
  EXPECT_THAT(bursting_tags(std::vector{spam, ring, trend}), ElementsAre(named("trend")));
}

TEST_F(PlantedTrends, noise_is_seldom_taken_for_one) {
  for (const double rate : {0.05, 0.5, 3.0, 20.0, 150.0, 2'000.0}) {
    constexpr int kTrials = 20'000;
    int alarms = 0;
    for (int i = 0; i < kTrials; ++i) {
      if (burst_score(tag("noise", rate, rate).evidence) >= 3) ++alarms;
    }
    // Score 3 is one in a thousand; three standard deviations of luck on top.
    EXPECT_LE(alarms, 20 + 14) << "at a rate of " << rate;
  }
}

TEST_F(PlantedTrends, the_morning_is_none) {
  std::vector<BurstCandidate> unaware;
  std::vector<BurstCandidate> aware;
  for (int i = 0; i < 100; ++i) {
    unaware.push_back(tag("tag" + std::to_string(i), 10, 30));
    aware.push_back(unaware.back());
    aware.back().evidence.season = burst_season(3'000, 1'000 * kWindows, kWindows);
  }
  EXPECT_GT(bursting_tags(unaware).size(), 80U);
  EXPECT_THAT(bursting_tags(aware), IsEmpty());
}

TEST(BurstingTags, of_equal_score_by_accounts_then_name) {
  const BurstCandidate b{"b", 9, {9, 0, 42, 1}};
  const BurstCandidate a{"a", 9, {9, 0, 42, 1}};
  EXPECT_THAT(bursting_tags(std::vector{b, a}), ElementsAre(named("a"), named("b")));
}

}  // namespace
}  // namespace linnet::analyze
