// How long what belongs to acting is kept: seed 001's table, in one place.
#pragma once

#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

// Texts of direct messages are readable for this long; older ones are not made readable again either.
inline constexpr Duration kMessageTextsKept = std::chrono::hours(24 * 30);

struct RetentionRule {
  std::string_view what;
  std::string_view rule;  // in words
  Duration keep;
  // Within one transaction; returns how many rows go, or with `dry_run` would go.
  Result<std::int64_t> (*apply)(store::Connection& connection, Instant before, Instant now, bool dry_run);
};
const std::vector<RetentionRule>& retention_rules();

struct RetentionResult {
  std::string_view what;
  std::string_view rule;
  std::int64_t count = 0;
  Instant before;  // what is older goes
};
// Every rule, in an order that leaves foreign keys whole. What was removed stands in the audit trail.
Result<std::vector<RetentionResult>> apply_retention(store::Database& database, store::Writer& writer,
                                                     Instant now, bool dry_run);

}  // namespace linnet::govern
