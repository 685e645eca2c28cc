// Everything that is removed by its age, in one place: what serve does each night and `linnet retention run`
// at any time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "observe/ingest.hpp"
#include "store/writer.hpp"

namespace linnet::cli {

struct RetentionLine {
  std::string what;  // "events of the log"
  std::string rule;  // in words
  std::int64_t count = 0;
  std::optional<Instant> before;  // what is older goes; absent where the rule has no one moment
};

// What is looked at besides all that belongs to acting and governing.
struct RetentionScope {
  bool snapshots = true;  // of counts
  // Events of the log that are older and applied; takes long on a large log, and is not for beside a running
  // ingest. Absent: the log is left alone.
  std::optional<Duration> keep_events;
  // Posts that are not engaged; absent: they stay. Only counted where there is no ingest.
  std::optional<Duration> keep_posts_unengaged;
  observe::Ingest* ingest = nullptr;
};

// "90d"; nullopt for "forever".
Result<std::optional<Duration>> parse_keep_posts(std::string_view field, std::string_view text);

// With `dry_run` only counts.
Result<std::vector<RetentionLine>> run_retention(store::Database& database, store::Writer& writer,
                                                 Instant now, const RetentionScope& scope, bool dry_run);

}  // namespace linnet::cli
