#include "jobs/job_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/instant_words.hpp"
#include "jobs/cron_expression.hpp"
#include "jobs/job_rows.hpp"

namespace linnet::jobs {
namespace {

constexpr std::string_view kByKind = "kind = $1 AND job_key = $2 AND ended_at IS NULL";

// A clock that is set back for less holds nothing up for long.
constexpr Duration kLittle = std::chrono::minutes(1);

Error missing(JobId id) {
  return not_found(fmt::format("id: there is no job {}", id.value()));
}

Result<Job> get(store::Connection& connection, JobId id) {
  LINNET_TRY(auto job, find(connection, id));
  if (!job) return missing(id);
  return std::move(*job);
}

Error has_ended(const Job& job) {
  return Error::of(ErrorKind::conflict,
                   fmt::format("job {} has ended: {}", job.id.value(), to_string(job.state)));
}

// Of a kind that is for servers or accounts all that wait; the first of them.
Result<JobId> run_each_now(store::Connection& connection, const Kind& kind, std::string_view by,
                           Instant now) {
  LINNET_TRY(
      const auto waiting,
      select(connection, "kind = $1 AND ended_at IS NULL AND state <> 'running' ORDER BY id", {kind.name}));
  for (const auto& job : waiting) LINNET_CHECK(run_now(connection, job.id, by, now));
  if (!waiting.empty()) return waiting.front().id;
  return Error::of(ErrorKind::conflict,
                   fmt::format("there is nothing to do {} for, or it runs already", kind.name));
}

Result<Instant> next_of(const Kind& kind, Instant after) {
  LINNET_TRY(const auto cron, CronExpression::parse("schedule", kind.schedule));
  return cron.next_after(after, kind.zone);
}

}  // namespace

Result<Instant> next_time(const Job& job, Instant after) {
  LINNET_TRY(const auto cron, CronExpression::parse("schedule", job.schedule));
  return cron.next_after(after, job.zone);
}

Result<JobId> add(store::Connection& connection, const Kind& kind, const NewJob& wanted, Instant now) {
  LINNET_TRY(const auto alive, find_alive(connection, kind.name, wanted.key));
  if (alive) {
    return Error::of(ErrorKind::conflict,
                     fmt::format("job {} does that already ({}); wait until it is done, or cancel it",
                                 alive->id.value(), to_string(alive->state)));
  }
  Job job;
  job.kind = kind.name;
  job.key = wanted.key;
  job.lane = kind.lane;
  job.input = wanted.input;
  job.zone = kind.zone;
  job.missed = kind.missed;
  job.due_at = wanted.due_at.value_or(now);
  job.planned_at = now;
  job.asked_by = wanted.asked_by;
  job.created_at = now;
  return insert(connection, job);
}

Status set_input(store::Connection& connection, JobId id, std::string_view input) {
  return store::run(connection, "UPDATE jobs SET input = $2 WHERE id = $1", {id.value(), input});
}

Result<std::optional<Job>> find(store::Connection& connection, JobId id) {
  return select_one(connection, "id = $1", {id.value()});
}

Result<std::optional<Job>> find_alive(store::Connection& connection, std::string_view kind,
                                      std::string_view key) {
  return select_one(connection, kByKind, {kind, key});
}

Result<std::vector<Job>> list(store::Connection& connection, const JobFilter& filter) {
  const auto state = filter.state ? to_string(*filter.state) : std::string_view();
  const auto before = filter.before ? filter.before->value() : std::numeric_limits<std::int64_t>::max();
  return select(
      connection,
      fmt::format(
          R"(id < $1 AND ($2 = '' OR kind = $2) AND ($3 = '' OR state = $3){} ORDER BY id DESC LIMIT $4)",
          filter.is_alive ? " AND ended_at IS NULL" : ""),
      {before, std::string_view(filter.kind), state, filter.limit});
}

Status keep_schedule(store::Connection& connection, const Kind& kind, std::string_view key, Instant now,
                     bool is_start) {
  LINNET_TRY(const auto next, next_of(kind, now));
  const bool is_due_now = is_start && kind.is_due_at_start;
  LINNET_TRY(auto job, find_alive(connection, kind.name, key));
  if (!job) {
    Job first;
    first.kind = kind.name;
    first.key = key;
    first.lane = kind.lane;
    first.schedule = kind.schedule;
    first.zone = kind.zone;
    first.missed = kind.missed;
    first.due_at = is_due_now ? now : next;
    first.planned_at = first.created_at = now;
    LINNET_TRY(const auto id, insert(connection, first));
    (void)id;
    return {};
  }
  if (job->state == State::running) return {};
  const bool is_other = job->schedule != kind.schedule || job->zone != kind.zone ||
                        job->missed != kind.missed || job->lane != kind.lane;
  const bool is_waiting = job->state == State::waiting && job->due_at > now;
  if (!is_other && !(is_waiting && is_due_now)) return {};
  job->schedule = kind.schedule;
  job->zone = kind.zone;
  job->missed = kind.missed;
  job->lane = kind.lane;
  // A time that has passed stays missed, and what waits for another try waits.
  const bool waits_for_its_time = is_waiting && !job->started_at;
  if (is_waiting && is_due_now) {
    wait_until(*job, now, now);
  } else if (waits_for_its_time) {
    wait_until(*job, next, now);
  }
  return save(connection, *job);
}

Status heed_clock_set_back(store::Connection& connection, Instant now) {
  LINNET_TRY(auto early,
             select(connection, "ended_at IS NULL AND state = 'waiting' AND due_at > $1 AND planned_at > $2",
                    {to_micros(now), to_micros(now + kLittle)}));
  for (auto& job : early) {
    auto due_at = now + (job.due_at - job.planned_at);
    const bool waits_for_its_time = !job.schedule.empty() && !job.started_at;
    if (waits_for_its_time) {
      LINNET_TRY(due_at, next_time(job, now));
    }
    wait_until(job, due_at, now);
    LINNET_CHECK(save(connection, job));
  }
  return {};
}

Status drop_schedule(store::Connection& connection, std::string_view kind, std::string_view key,
                     Instant now) {
  LINNET_TRY(auto job, find_alive(connection, kind, key));
  if (!job) return {};
  job->schedule.clear();  // it does not come again
  if (job->state == State::running) {
    job->cancel_asked = true;
    return save(connection, *job);
  }
  job->note = "what it was for is gone";
  return end_row(connection, *job, State::cancelled, now);
}

Status cancel(store::Connection& connection, JobId id, std::string_view by, Instant now) {
  LINNET_TRY(auto job, get(connection, id));
  if (!is_alive(job.state)) return has_ended(job);
  if (job.state == State::running) {
    job.cancel_asked = true;
    job.note = fmt::format("asked to stop by {}", by);
    return save(connection, job);
  }
  if (job.schedule.empty()) {
    job.note = fmt::format("called off by {}", by);
    job.input = "{}";  // may name somebody
    return end_row(connection, job, State::cancelled, now);
  }
  LINNET_TRY(const auto by_schedule, next_time(job, now));
  if (job.due_at > by_schedule)
    return Error::of(ErrorKind::conflict,
                     fmt::format("job {} does not come at its next time, {}, already; it comes again {}",
                                 job.id.value(), in_words(by_schedule), in_words(job.due_at)));
  // From its time on, so that calling off what is due tomorrow does not leave it due tomorrow.
  LINNET_TRY(const auto next, next_time(job, std::max(now, job.due_at)));
  auto note = fmt::format("{} left out by {}", in_words(job.due_at), by);
  begin_wait(job, next, now);
  job.note = std::move(note);
  return save(connection, job);
}

Status run_now(store::Connection& connection, JobId id, std::string_view by, Instant now) {
  LINNET_TRY(auto job, get(connection, id));
  if (!is_alive(job.state)) return has_ended(job);
  if (job.state == State::running)
    return Error::of(ErrorKind::conflict, fmt::format("job {} runs already", job.id.value()));
  wait_until(job, now, now);
  job.tries = 0;
  job.asked_by = by;
  return save(connection, job);
}

Result<JobId> run_kind_now(store::Connection& connection, const Kind& kind, const NewJob& wanted,
                           Instant now) {
  if (kind.has_keys && wanted.key.empty()) return run_each_now(connection, kind, wanted.asked_by, now);
  LINNET_TRY(const auto alive, find_alive(connection, kind.name, wanted.key));
  // Where there is one that was asked for already, it says what is in the way.
  if (!alive || alive->schedule.empty()) return add(connection, kind, wanted, now);
  LINNET_CHECK(run_now(connection, alive->id, wanted.asked_by, now));
  return alive->id;
}

}  // namespace linnet::jobs
