// Which servers a network's posts come from, hour by hour.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "store/writer.hpp"

namespace linnet::analyze {

// Counts the hours that begin in [from, to) again and keeps what differs: by then counts, edits and late
// posts may have changed them. Deleted posts count, as they do in hashtag_hourly_stats; what only followers
// see does not. Returns how many rows changed.
Result<std::int64_t> refresh_domain_stats(store::Connection& reader, store::Writer& writer, Instant from,
                                          Instant to);

// Of the hour that `now` is in and those before it: posts come late, and counts and edits change them.
Result<std::int64_t> refresh_domain_stats_since(store::Connection& reader, store::Writer& writer, Instant now,
                                                std::chrono::hours back);

struct DomainFigures {
  std::string domain;
  std::int64_t posts = 0;
  std::int64_t accounts = 0;  // per hour, summed over the hours
  std::int64_t engagement = 0;
};
// The busiest domains of the hours that begin in [from, to), by posts.
Result<std::vector<DomainFigures>> busiest_domains(store::Connection& connection,
                                                   const std::optional<InstanceId>& instance, Instant from,
                                                   Instant to, std::int64_t limit);

}  // namespace linnet::analyze
