// What makes a hashtag a trend: three answers, as pure functions over counts. Times and windows are the
// caller's; docs/analysis.md gives the whole definitions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace linnet::analyze {

struct TrendingTag {
  std::string name;
  std::int64_t recent = 0;    // posts in the recent window
  std::int64_t baseline = 0;  // posts before it; of a burst, the accounts that were to be expected
  double score = 0;
  std::int64_t accounts = 0;  // distinct accounts in the recent window
};

// Growing: recent >= min_posts and recent > 1.5 × baseline, by `recent` descending, then by name.
// The score is recent / max(baseline, 1).
std::vector<TrendingTag> growing_tags(std::vector<TrendingTag> candidates, std::int64_t min_posts = 3);

// Spiking: (current - before) / max(before, 1) × exp(-hours / 6), `hours` since the tag's newest post.
double spike_score(std::int64_t current, std::int64_t before, double hours);

struct SpikeCandidate {
  TrendingTag tag;  // recent: posts in the last hour; baseline: in the same hour a day ago
  double hours = 0;
};

// By score descending, then by name.
std::vector<TrendingTag> spiking_tags(std::vector<SpikeCandidate> candidates);

// What a tag's past says of its recent window, in distinct accounts and in windows of the same length.
struct BurstEvidence {
  std::int64_t recent_accounts = 0;
  std::int64_t past_accounts = 0;  // distinct accounts of each past window, summed over the windows
  double past_windows = 0;         // how many were watched; may be a fraction
  double season = 1;               // how busy the recent window is overall: see burst_season()
};

// The accounts that the past leads to expect in the recent window; 0 if there is no past.
double expected_accounts(const BurstEvidence& evidence);

// How surprising the recent window is: -log10 of the probability that as many accounts or more use the tag if
// its rate is what it was. 3 means once in a thousand windows; 0 if there is no past to compare with. Any
// counts will do: nothing overflows, and no score is cut off where the probability is too small for a double.
//
// With n past accounts in T windows, s the season and the rate's prior Gamma(1/2, 0) (Jeffreys'), the rate's
// posterior is Gamma(1/2 + cn, cT) and the count predicted is negative binomial:
//   P(X >= k) = I_q(k, 1/2 + cn),  q = s / (cT + s),  c = min(1, 6 / T),
// I the regularised incomplete beta function. c is a power prior: however long the past, it counts as six
// windows, because people are less even than a Poisson process, and tags drift. Sources: A. Gelman et al.,
// «Bayesian Data Analysis», 3rd ed., 2.6 (the predictive distribution); J.G. Ibrahim and M.-H. Chen, «Power
// Prior Distributions for Regression Models», Statistical Science 15 (2000).
double burst_score(const BurstEvidence& evidence);

// How much busier than in the past everything is, as a factor between 0.1 and 10: the accounts that posted in
// the recent window against those of a mean past one. It takes out the time of day and outages. 1 if there is
// no past.
double burst_season(std::int64_t recent_accounts, std::int64_t past_accounts, double past_windows);

struct BurstCandidate {
  std::string name;
  std::int64_t recent_posts = 0;
  BurstEvidence evidence;
};

inline constexpr double kLeastBurst = 3;           // score
inline constexpr std::int64_t kLeastAccounts = 3;  // fewer are a conversation

// Those with at least kLeastBurst and kLeastAccounts, by score descending, then accounts descending, then
// name.
std::vector<TrendingTag> bursting_tags(std::span<const BurstCandidate> candidates);

}  // namespace linnet::analyze
