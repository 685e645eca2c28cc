#include "app/chores.hpp"

#include "act/person_erasure.hpp"
#include "analyze/daily_summaries.hpp"
#include "analyze/domain_stats.hpp"
#include "analyze/followers.hpp"
#include "base/log.hpp"
#include "cli/retention_jobs.hpp"

namespace linnet::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

bool is_due(Instant& last, Instant now, Duration every) {
  if (now - last < every) return false;
  last = now;
  return true;
}

}  // namespace

Status Chores::run_due() {
  const auto now = clock_.now();
  finish_erasures(now);
  LINNET_CHECK(count_domains(now));
  LINNET_CHECK(clean_up(now));
  return summarise(now);
}

// Tried again every minute; the rest does not wait for it.
void Chores::finish_erasures(Instant now) {
  if (!is_due(erasures_looked_at_, now, minutes(1))) return;
  if (const auto done = act::finish_erasures(database_, writer_, clock_); !done)
    log::error("an erasure that was broken off: {}", done.error().message);
}

// Each day, and once after a start; snapshots of counts not then: what is still coming in would be thinned by
// how often the program was started.
Status Chores::clean_up(Instant now) {
  const bool is_first = cleaned_up_at_ == Instant{};
  if (!is_due(cleaned_up_at_, now, hours(24))) return {};
  // The event log is thinned by hand: while events come in, that would hold them up.
  const auto done = cli::run_retention(database_, writer_, now, {!is_first, {}}, false);
  if (!done) {
    cleaned_up_at_ = now - hours(24) + minutes(10);  // again soon
    return done.error();
  }
  for (const auto& line : *done) {
    if (line.count > 0) log::info("retention: {} {} removed", line.count, line.what);
  }
  return {};
}

// The last hours often, those before them, which counts and edits still change, once an hour.
Status Chores::count_domains(Instant now) {
  const auto end = floor_hour(now) + hours(1);
  const bool is_long = is_due(days_counted_at_, now, hours(1));
  const bool is_short = is_due(hours_counted_at_, now, minutes(1));
  if (!is_long && !is_short) return {};
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(const auto changed,
             analyze::refresh_domain_stats(*reader, writer_, end - hours(is_long ? 72 : 2), end));
  (void)changed;
  return {};
}

// Yesterday is summarised once its posts have been scored.
Status Chores::summarise(Instant now) {
  if (now - floor_day(now) < minutes(5) || !is_due(summaries_looked_at_, now, minutes(5))) return {};
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(const auto sentiment, analyze::sentiment_state(*reader));
  if (sentiment.lag > 0) return {};
  return analyze::make_missing_summaries(*reader, writer_, now);
}

}  // namespace linnet::app
