#include "jobs/job_rows.hpp"

#include <fmt/format.h>

namespace linnet::jobs {
namespace {

constexpr std::string_view kColumns =
    "id, kind, job_key, lane, input, schedule, zone, missed, state, due_at, tries, claims, holder, "
    "lease_until, cancel_asked, done, total, note, position, result, error, asked_by, created_at, "
    "started_at, last_run_at, ended_at";

constexpr std::string_view kInsert =
    "INSERT INTO jobs (kind, job_key, lane, input, schedule, zone, missed, state, due_at, tries, claims, "
    "holder, cancel_asked, done, total, note, position, result, error, asked_by, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, '', 0, 0, 0, '', '', '', '', $10, $11) RETURNING id";

constexpr std::string_view kSave =
    "UPDATE jobs SET lane = $2, input = $3, schedule = $4, zone = $5, missed = $6, state = $7, due_at = $8, "
    "tries = $9, claims = $10, holder = $11, lease_until = $12, cancel_asked = $13, done = $14, total = $15, "
    "note = $16, position = $17, result = $18, error = $19, asked_by = $20, started_at = $21, "
    "last_run_at = $22, ended_at = $23 WHERE id = $1";

// In the order of kColumns.
Job read(const store::Statement& row) {
  int column = 0;
  const auto text = [&] { return std::string(row.text(column++)); };
  const auto integer = [&] { return row.integer(column++); };
  const auto maybe_instant = [&] { return row.maybe_instant(column++); };
  Job job;
  job.id = JobId(integer());
  job.kind = text();
  job.key = text();
  job.lane = text();
  job.input = text();
  job.schedule = text();
  job.zone = text();
  job.missed = parse_missed(text()).value_or(Missed::run_once);
  job.state = parse_state(text()).value_or(State::failed);
  job.due_at = from_micros(integer());
  job.tries = integer();
  job.claims = integer();
  job.holder = text();
  job.lease_until = maybe_instant();
  job.cancel_asked = integer() != 0;
  job.done = integer();
  job.total = integer();
  job.note = text();
  job.position = text();
  job.result = text();
  job.error = text();
  job.asked_by = text();
  job.created_at = from_micros(integer());
  job.started_at = maybe_instant();
  job.last_run_at = maybe_instant();
  job.ended_at = maybe_instant();
  return job;
}

std::string_view view(const std::string& text) {
  return text;
}

}  // namespace

Result<std::vector<Job>> select(store::Connection& connection, std::string_view sql,
                                std::initializer_list<store::Value> values) {
  std::vector<Job> jobs;
  LINNET_CHECK(store::for_each_row(connection, fmt::format(fmt::runtime(sql), kColumns), values,
                                   [&](const store::Statement& row) { jobs.push_back(read(row)); }));
  return jobs;
}

Result<std::optional<Job>> select_one(store::Connection& connection, std::string_view sql,
                                      std::initializer_list<store::Value> values) {
  LINNET_TRY(auto jobs, select(connection, sql, values));
  if (jobs.empty()) return std::optional<Job>();
  return std::optional(std::move(jobs.front()));
}

Result<JobId> insert(store::Connection& connection, const Job& job) {
  LINNET_TRY(
      const auto id,
      store::query_integer(connection, kInsert,
                           {view(job.kind), view(job.key), view(job.lane), view(job.input),
                            view(job.schedule), view(job.zone), to_string(job.missed), to_string(job.state),
                            to_micros(job.due_at), view(job.asked_by), to_micros(job.created_at)}));
  return JobId(id.value_or(0));
}

Status save(store::Connection& connection, const Job& job) {
  return store::run(connection, kSave,
                    {job.id.value(),
                     view(job.lane),
                     view(job.input),
                     view(job.schedule),
                     view(job.zone),
                     to_string(job.missed),
                     to_string(job.state),
                     to_micros(job.due_at),
                     job.tries,
                     job.claims,
                     view(job.holder),
                     store::value_of(job.lease_until),
                     std::int64_t{job.cancel_asked ? 1 : 0},
                     job.done,
                     job.total,
                     view(job.note),
                     view(job.position),
                     view(job.result),
                     view(job.error),
                     view(job.asked_by),
                     store::value_of(job.started_at),
                     store::value_of(job.last_run_at),
                     store::value_of(job.ended_at)});
}

void begin_wait(Job& job, Instant due_at) {
  job.state = State::waiting;
  job.due_at = due_at;
  job.tries = 0;
  job.holder.clear();
  job.lease_until.reset();
  job.cancel_asked = false;
  job.done = job.total = 0;
  job.position.clear();
  job.asked_by.clear();
  job.started_at.reset();
}

}  // namespace linnet::jobs
