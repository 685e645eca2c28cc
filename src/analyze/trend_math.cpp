#include "analyze/trend_math.hpp"

#include <math.h>  // NOLINT(modernize-deprecated-headers): lgamma_r is POSIX; std::lgamma writes to a global
#include <algorithm>
#include <cmath>

namespace linnet::analyze {
namespace {

constexpr double kDecayHours = 6;
constexpr double kPriorShape = 0.5;
constexpr double kMostEvidence = 6;  // windows

bool by_score(const TrendingTag& a, const TrendingTag& b) {
  if (a.score != b.score) return a.score > b.score;
  if (a.accounts != b.accounts) return a.accounts > b.accounts;
  return a.name < b.name;
}

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

// The continued fraction of the incomplete beta function by Lentz's method (Numerical Recipes, 6.4). It
// converges in about sqrt(max(a, b)) steps where x is below the mean.
double beta_fraction(double x, double a, double b) {
  constexpr int kMostSteps = 200'000;
  constexpr double kTiny = 1e-300;
  constexpr double kPrecise = 1e-12;
  const auto kept_off_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / kept_off_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int step = 1; step <= kMostSteps; ++step) {
    const double m = step;
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept_off_zero(1 + even * d);
    c = kept_off_zero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept_off_zero(1 + odd * d);
    c = kept_off_zero(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < kPrecise) break;
  }
  return fraction;
}

// The natural logarithm of I_x(a, b), for x at or below about the mean a / (a + b). `y` is 1 - x.
double log_lower_beta(double x, double y, double a, double b) {
  return a * std::log(x) + b * std::log(y) + log_gamma(a + b) - log_gamma(a) - log_gamma(b) - std::log(a) +
         std::log(beta_fraction(x, a, b));
}

// The natural logarithm of I_x(a, b).
double log_incomplete_beta(double x, double y, double a, double b) {
  if (x < (a + 1) / (a + b + 2)) return std::min(log_lower_beta(x, y, a, b), 0.0);
  // Here I is about a half or more, so that nothing is lost in taking it from 1.
  return std::log1p(-std::min(std::exp(log_lower_beta(y, x, b, a)), 1 - 1e-15));
}

struct Posterior {
  double shape;
  double windows;
};

Posterior posterior(const BurstEvidence& evidence) {
  const double weight = std::min(1.0, kMostEvidence / evidence.past_windows);
  return {kPriorShape + weight * static_cast<double>(evidence.past_accounts), weight * evidence.past_windows};
}

}  // namespace

std::vector<TrendingTag> growing_tags(std::vector<TrendingTag> candidates, std::int64_t min_posts) {
  std::erase_if(candidates, [min_posts](const TrendingTag& tag) {
    return tag.recent < min_posts || 2 * tag.recent <= 3 * tag.baseline;
  });
  for (auto& tag : candidates) {
    tag.score =
        static_cast<double>(tag.recent) / static_cast<double>(std::max<std::int64_t>(tag.baseline, 1));
  }
  std::sort(candidates.begin(), candidates.end(), [](const TrendingTag& a, const TrendingTag& b) {
    return a.recent != b.recent ? a.recent > b.recent : a.name < b.name;
  });
  return candidates;
}

double spike_score(std::int64_t current, std::int64_t before, double hours) {
  const auto gained = static_cast<double>(current - before);
  return gained / static_cast<double>(std::max<std::int64_t>(before, 1)) * std::exp(-hours / kDecayHours);
}

std::vector<TrendingTag> spiking_tags(std::vector<SpikeCandidate> candidates) {
  std::vector<TrendingTag> tags;
  tags.reserve(candidates.size());
  for (auto& candidate : candidates) {
    candidate.tag.score = spike_score(candidate.tag.recent, candidate.tag.baseline, candidate.hours);
    // What is no more than the day before does not spike.
    if (candidate.tag.score > 0) tags.push_back(std::move(candidate.tag));
  }
  std::sort(tags.begin(), tags.end(), [](const TrendingTag& a, const TrendingTag& b) {
    return a.score != b.score ? a.score > b.score : a.name < b.name;
  });
  return tags;
}

double expected_accounts(const BurstEvidence& evidence) {
  if (evidence.past_windows <= 0) return 0;
  const auto [shape, windows] = posterior(evidence);
  return evidence.season * shape / windows;
}

double burst_score(const BurstEvidence& evidence) {
  if (evidence.past_windows <= 0 || evidence.recent_accounts <= 0) return 0;
  const auto [shape, windows] = posterior(evidence);
  const double x = evidence.season / (windows + evidence.season);
  const double y = windows / (windows + evidence.season);
  return -log_incomplete_beta(x, y, static_cast<double>(evidence.recent_accounts), shape) / std::log(10.0);
}

double burst_season(std::int64_t recent_accounts, std::int64_t past_accounts, double past_windows) {
  if (past_windows <= 0 || past_accounts <= 0) return 1;
  return std::clamp(static_cast<double>(recent_accounts) * past_windows / static_cast<double>(past_accounts),
                    0.1, 10.0);
}

std::vector<TrendingTag> bursting_tags(std::span<const BurstCandidate> candidates) {
  std::vector<TrendingTag> tags;
  for (const auto& candidate : candidates) {
    const auto& evidence = candidate.evidence;
    if (evidence.recent_accounts < kLeastAccounts) continue;
    const double score = burst_score(evidence);
    if (score < kLeastBurst) continue;
    tags.push_back({candidate.name, candidate.recent_posts, std::llround(expected_accounts(evidence)), score,
                    evidence.recent_accounts});
  }
  std::sort(tags.begin(), tags.end(), by_score);
  return tags;
}

}  // namespace linnet::analyze
