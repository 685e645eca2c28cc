// Which posts gather counts fastest.
#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"
#include "store/connection.hpp"

namespace linnet::analyze {

enum class CountKind { favourites, reblogs, replies, score };
Result<CountKind> parse_count_kind(std::string_view text);

struct VelocityQuestion {
  Instant at{};
  Duration window = std::chrono::hours(1);
  std::int64_t more_than = 50;
  CountKind by = CountKind::favourites;
  std::optional<InstanceId> instance;
  std::size_t limit = 50;
};

struct FastPost {
  InstanceId instance{};
  std::string base_url;
  std::string id;
  std::int64_t gained = 0, from = 0, to = 0;
};

// Gained = f(at) − f(at − window), f(t) the count of the newest snapshot at or before t; where there is none
// at the window's beginning, 0 for a post created after it, else its first snapshot's. By gained descending,
// then id. Deleted posts are left out.
Result<std::vector<FastPost>> fast_posts(store::Connection& connection, const VelocityQuestion& question);

}  // namespace linnet::analyze
