#include "app/job_handlers.hpp"

#include <limits>
#include <map>
#include <optional>

#include "act/person_erasure.hpp"
#include "analyze/daily_summaries.hpp"
#include "analyze/domain_stats.hpp"
#include "analyze/followers.hpp"
#include "api/media_uploads.hpp"
#include "app/backup_copies.hpp"
#include "app/table_jobs.hpp"
#include "base/json_fields.hpp"
#include "base/log.hpp"
#include "cli/retention_jobs.hpp"
#include "jobs/known_kinds.hpp"

namespace linnet::app {
namespace {

using jobs::JobContext;
using std::chrono::hours;
using std::chrono::minutes;

// The event log is thinned by hand: while events come in, that would hold them up.
Status retention(const JobParts& parts, JobContext& context) {
  const auto now = parts.clock.now();
  LINNET_TRY(const auto doubt, parts.doubt_of_clock());
  if (!doubt.empty()) {
    context.put_off(now + minutes(10), doubt);
    return {};
  }
  LINNET_TRY(const auto lines,
             cli::run_retention(parts.database, parts.writer, now,
                                {true, {}, parts.keep_posts_unengaged, &parts.ingest}, false));
  boost::json::object removed;
  for (const auto& line : lines) {
    if (line.count == 0) continue;
    log::info("retention: {} {} removed", line.count, line.what);
    removed[line.what] = line.count;
  }
  context.set_result(std::move(removed));
  return {};
}

Status uploads(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  LINNET_TRY(const auto doubt, parts.doubt_of_clock());
  if (doubt.empty()) api::remove_old_uploads(parts.uploads, parts.clock.now());
  return {};
}

Status erasures(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  return act::finish_erasures(parts.database, parts.writer, parts.clock);
}

// What differs from when it was counted before: posts come late, and counts and edits change them.
Status count_domains(const JobParts& parts, JobContext& context, hours back) {
  const auto end = floor_hour(parts.clock.now()) + hours(1);
  LINNET_TRY(auto reader, parts.database.reader());
  LINNET_TRY(const auto changed, analyze::refresh_domain_stats(*reader, parts.writer, end - back, end));
  (void)changed;
  context.nothing_to_do();
  return {};
}

// Yesterday, and days on which the program did not run, are summarised once all posts have been scored.
Status summarise(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  const auto now = parts.clock.now();
  if (now - floor_day(now) < minutes(5)) return {};
  LINNET_TRY(auto reader, parts.database.reader());
  LINNET_TRY(const auto sentiment, analyze::sentiment_state(*reader));
  if (sentiment.lag > 0) return {};
  return analyze::make_missing_summaries(*reader, parts.writer, now);
}

// A day that somebody asked for, also one that was summarised before.
Status summarise_day(const JobParts& parts, JobContext& context) {
  LINNET_TRY(const auto input, context.input());
  JsonFields fields(input);
  std::string date;
  std::int64_t instance = 0;
  LINNET_CHECK(fields.text("date", date));
  LINNET_CHECK(fields.integer("instance_id", instance, 0, std::numeric_limits<std::int64_t>::max()));
  LINNET_TRY(const auto day, analyze::parse_day("date", date));
  LINNET_TRY(auto reader, parts.database.reader());
  LINNET_TRY(const auto made,
             analyze::make_daily_summaries(
                 *reader, parts.writer, instance > 0 ? std::optional(InstanceId(instance)) : std::nullopt,
                 day, parts.clock.now(), [&](std::int64_t done, std::int64_t total) {
                   context.progress(done, total);
                   return context.check_stop();
                 }));
  context.set_result({{"date", date}, {"made", made}});
  return {};
}

// Into a folder of its own.
Status back_up(const JobParts& parts, JobContext& context) {
  const auto& job = context.job();
  const bool is_by_schedule = job.asked_by.empty();
  LINNET_TRY(const auto folder, backups_folder(parts.data));
  const auto name = name_of_copy(job.started_at.value_or(parts.clock.now()), is_by_schedule);
  const auto* const ending = parts.database.engine() == store::Engine::sqlite ? ".db" : ".sql";
  LINNET_CHECK(parts.database.backup((folder / (name + ending)).string()));
  context.set_result({{"file", "backups/" + name + ending}});
  if (!is_by_schedule) return {};
  LINNET_TRY(const auto doubt, parts.doubt_of_clock());
  if (!doubt.empty()) return {};  // by which the copies are named
  // The copy is made, whatever becomes of the older ones.
  const auto removed = remove_old_copies(folder, name, parts.backups.most);
  if (!removed) log::error("backup: older copies stay: {}", removed.error().message);
  if (removed && *removed > 0) log::info("backup: {} older copies removed", *removed);
  return {};
}

Status read_messages(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  return parts.acting.read_messages(context.stop());
}

// A server that is away, or wants to be left alone, is asked again in a while: what is due then is read then.
Status read_counts(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  auto* const connectors = parts.connectors();
  if (connectors == nullptr) return {};
  const auto read = connectors->read_counts(context.job().key, context.stop());
  if (read || read.error().kind == ErrorKind::not_found) return {};
  if (read.error().kind != ErrorKind::unavailable && read.error().kind != ErrorKind::rate_limited)
    return read.error();
  context.put_off(parts.clock.now() + minutes(5), read.error().safe);
  return {};
}

Status read_follows(const JobParts& parts, JobContext& context) {
  auto* const connectors = parts.connectors();
  auto read = connectors != nullptr ? connectors->read_follows(context.job().key, context.stop())
                                    : Status(not_found("nothing is watched yet"));
  if (!read && read.error().kind == ErrorKind::not_found) {
    context.put_off(parts.clock.now() + minutes(1), read.error().safe);
    return {};
  }
  context.nothing_to_do();
  return read;
}

Status learn_limits(const JobParts& parts, JobContext& context) {
  context.nothing_to_do();
  return parts.acting.learn_all_limits(context.stop());
}

Status check_sign_ins(const JobParts& parts, JobContext& context) {
  return parts.acting.check_sign_ins(context.stop());
}

// With what the settings say of it.
jobs::Kind as_set(jobs::Kind kind, const JobParts& parts) {
  if (kind.name == "backup" && !parts.backups.schedule.empty()) {
    kind.schedule = parts.backups.schedule;
    kind.zone = parts.backups.zone;
  }
  return kind;
}

}  // namespace

std::vector<jobs::BoundKind> job_handlers(const JobParts& parts) {
  using Does = Status (*)(const JobParts&, JobContext&);
  const std::map<std::string_view, Does> handlers{
      {"replay", replay},
      {"retry", retry_events},
      {"erase", erase},
      {"backup", back_up},
      {"summarise", summarise_day},
      {"retention", retention},
      {"erasures", erasures},
      {"uploads", uploads},
      {"domain_hours", [](const JobParts& p, JobContext& c) { return count_domains(p, c, hours(2)); }},
      {"domain_days", [](const JobParts& p, JobContext& c) { return count_domains(p, c, hours(72)); }},
      {"summaries", summarise},
      {"messages", read_messages},
      {"limits", learn_limits},
      {"counts", read_counts},
      {"follows", read_follows},
      {"sign_ins", check_sign_ins},
  };
  std::vector<jobs::BoundKind> bound;
  for (const auto& kind : jobs::known_kinds()) {
    const auto found = handlers.find(kind.name);
    // One without a handler is known to this version and run by none: it would wait for ever, unseen.
    if (found == handlers.end()) {
      log::error("jobs: nothing is known of how to do {}", kind.name);
      continue;
    }
    bound.push_back({as_set(kind, parts),
                     [parts, does = found->second](JobContext& context) { return does(parts, context); }});
  }
  return bound;
}

}  // namespace linnet::app
