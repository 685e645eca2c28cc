// Hashtags: which are rising, one's history, which stand together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyze/trend_math.hpp"
#include "base/ids.hpp"
#include "store/connection.hpp"

namespace linnet::analyze {

enum class TrendMethod { growth, spike, burst };
// "growth", "spike", "burst"; `invalid` names the parameter.
Result<TrendMethod> parse_trend_method(std::string_view text);

struct TrendQuestion {
  TrendMethod method = TrendMethod::growth;
  Instant at{};
  Duration window = std::chrono::hours(4);
  Duration baseline = std::chrono::hours(24);
  std::int64_t min_posts = 3;
  std::size_t limit = 20;
  std::optional<InstanceId> instance;
};

// As docs/analysis.md defines them, exact to the microsecond; deleted posts are left out.
Result<std::vector<TrendingTag>> trending_hashtags(store::Connection& connection,
                                                   const TrendQuestion& question);

struct HashtagHour {
  Instant hour{};
  std::int64_t posts = 0, accounts = 0, engagement = 0;
};
struct HashtagHistory {
  std::string name;
  std::optional<Instant> first_seen_at, last_seen_at;
  std::vector<HashtagHour> hours;  // every hour of the window, also empty ones, oldest first
};
// Over all instances; `not_found`.
Result<HashtagHistory> hashtag_history(store::Connection& connection, const std::string& name, Instant at,
                                       int hours);

struct HashtagView {
  std::string name, base_url;
  std::int64_t posts = 0;
  std::optional<Instant> first_seen_at, last_seen_at;
};
// Those whose name begins with `prefix`, most recently used first.
Result<std::vector<HashtagView>> list_hashtags(store::Connection& connection, const std::string& prefix,
                                               std::size_t limit);

struct RelatedTag {
  std::string name;
  std::int64_t count = 0;
  double lift = 0;
};
// Hashtags on the same posts in (at − window, at]; lift = n·c(ab) / (c(a)·c(b)).
Result<std::vector<RelatedTag>> related_hashtags(store::Connection& connection, const std::string& name,
                                                 Instant at, Duration window, std::size_t limit);

}  // namespace linnet::analyze
