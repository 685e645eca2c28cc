#include "cli/retention_jobs.hpp"

#include <fmt/format.h>

#include <span>

#include "act/unengaged_posts.hpp"
#include "analyze/snapshot_retention.hpp"
#include "cli/output.hpp"
#include "govern/retention.hpp"
#include "observe/prune_log.hpp"
#include "observe/retention.hpp"

namespace linnet::cli {
namespace {

std::vector<bool> keep_rule(std::span<const Instant> captured_at, Instant now) {
  return analyze::snapshots_to_keep(captured_at, now);
}

std::string age_in_words(Duration age) {
  constexpr Duration kDay = std::chrono::days(1);
  constexpr Duration kHour = std::chrono::hours(1);
  if (age % kDay == Duration(0)) return counted(age / kDay, "day");
  return age % kHour == Duration(0) ? counted(age / kHour, "hour")
                                    : counted(age / std::chrono::minutes(1), "minute");
}

// Before the log is thinned, which then begins after what was done to it.
Result<RetentionLine> remove_posts(store::Database& database, store::Writer& writer, Instant now,
                                   Duration keep, observe::Ingest* ingest) {
  const auto before = now - keep;
  RetentionLine line{"posts", fmt::format("seen first in the last {}, or engaged with", age_in_words(keep)),
                     0, before};
  if (ingest != nullptr) {
    LINNET_TRY(line.count, act::remove_unengaged(database, writer, *ingest, before, now));
    return line;
  }
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(line.count, act::count_unengaged(*reader, before));
  return line;
}

}  // namespace

Result<std::optional<Duration>> parse_keep_posts(std::string_view field, std::string_view text) {
  if (text == "forever") return std::optional<Duration>();
  LINNET_TRY(const auto age, parse_duration(field, text));
  if (age < act::kLeastKept)
    return invalid(fmt::format(
        "{}: expected at least 7d, for figures of days are made of posts by then, or forever; got \"{}\"",
        field, text));
  return std::optional(age);
}

Result<std::vector<RetentionLine>> run_retention(store::Database& database, store::Writer& writer,
                                                 Instant now, const RetentionScope& scope, bool dry_run) {
  using std::chrono::days;
  std::vector<RetentionLine> lines;
  LINNET_TRY(const auto governed, govern::apply_retention(database, writer, now, dry_run));
  if (scope.snapshots) {
    LINNET_TRY(const auto snapshots,
               observe::thin_snapshots(database, writer, keep_rule, now - days(7), now, dry_run));
    lines.push_back({"snapshots", "all for 7 days, the newest of each hour for 30 days, of each day for ever",
                     snapshots, now - days(7)});
  }
  if (const auto keep_posts = scope.keep_posts_unengaged) {
    LINNET_TRY(auto posts,
               remove_posts(database, writer, now, *keep_posts, dry_run ? nullptr : scope.ingest));
    lines.push_back(std::move(posts));
  }
  if (const auto keep_events = scope.keep_events) {
    LINNET_TRY(const auto events, observe::prune_log(database, writer, now - *keep_events, dry_run));
    lines.push_back({"events of the log", fmt::format("received in the last {}", age_in_words(*keep_events)),
                     events, now - *keep_events});
  }
  for (const auto& result : governed)
    lines.push_back({std::string(result.what), std::string(result.rule), result.count, result.before});
  return lines;
}

}  // namespace linnet::cli
