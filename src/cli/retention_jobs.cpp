#include "cli/retention_jobs.hpp"

#include <fmt/format.h>

#include <span>

#include "analyze/snapshot_retention.hpp"
#include "govern/retention.hpp"
#include "observe/event_log.hpp"
#include "observe/projector.hpp"
#include "observe/retention.hpp"

namespace linnet::cli {
namespace {

std::vector<bool> keep_rule(std::span<const Instant> captured_at, Instant now) {
  return analyze::snapshots_to_keep(captured_at, now);
}

Result<std::int64_t> prune_events(store::Database& database, Instant before, bool dry_run) {
  EventId applied;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(applied, observe::read_mark(*reader));
  }
  LINNET_TRY(auto log, database.connect(store::Part::log));
  return observe::prune_log(*log, before, applied, dry_run);
}

}  // namespace

Result<std::vector<RetentionLine>> run_retention(store::Database& database, store::Writer& writer,
                                                 Instant now, const RetentionScope& scope, bool dry_run) {
  using std::chrono::days;
  std::vector<RetentionLine> lines;
  LINNET_TRY(const auto governed, govern::apply_retention(database, writer, now, dry_run));
  if (scope.snapshots) {
    LINNET_TRY(const auto snapshots,
               observe::thin_snapshots(database, writer, keep_rule, now - days(7), now, dry_run));
    lines.push_back({"snapshots", "all for 7 days, the newest of each hour for 30 days, of each day for ever",
                     snapshots});
  }
  if (const auto keep_events = scope.keep_events) {
    LINNET_TRY(const auto events, prune_events(database, now - *keep_events, dry_run));
    lines.push_back({"events of the log",
                     fmt::format("received in the last {} hours", *keep_events / std::chrono::hours(1)),
                     events});
  }
  for (const auto& result : governed)
    lines.push_back({std::string(result.what), std::string(result.rule), result.count});
  return lines;
}

}  // namespace linnet::cli
