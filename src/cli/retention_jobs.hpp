// Everything that is removed by its age, in one place: what serve does each night and `linnet retention run` at
// any time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "store/writer.hpp"

namespace linnet::cli {

struct RetentionLine {
  std::string what;  // "events of the log"
  std::string rule;  // in words
  std::int64_t count = 0;
};

// Snapshots of counts, events of the log that are older than `keep_events` and applied, and all that belongs to
// acting and governing. With `dry_run` only counts. Safe while events come in.
Result<std::vector<RetentionLine>> run_retention(store::Database& database, store::Writer& writer, Instant now,
                                                 Duration keep_events, bool dry_run);

}  // namespace linnet::cli
