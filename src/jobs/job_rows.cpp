#include "jobs/job_rows.hpp"

namespace linnet::jobs {
namespace {

// Ended jobs of a kind that are kept.
constexpr std::int64_t kKeptOfAKind = 50;

Status forget_old(store::Connection& connection, std::string_view kind) {
  return store::run(connection,
                    R"(DELETE FROM jobs
                       WHERE kind = $1 AND ended_at IS NOT NULL AND id NOT IN (SELECT id FROM jobs
                         WHERE kind = $1 AND ended_at IS NOT NULL ORDER BY id DESC LIMIT $2))",
                    {kind, kKeptOfAKind});
}

}  // namespace

Result<std::vector<Job>> select(store::Connection& connection, std::string_view rest,
                                const record::Values& values) {
  return record::find_all<Job>(connection, rest, values);
}

Result<std::optional<Job>> select_one(store::Connection& connection, std::string_view rest,
                                      const record::Values& values) {
  return record::find_first<Job>(connection, rest, values);
}

Result<JobId> insert(store::Connection& connection, const Job& job) {
  LINNET_CHECK(record::insert(connection, job));
  // Of a kind and key one is alive.
  LINNET_TRY(const auto id,
             store::query_integer(connection,
                                  "SELECT id FROM jobs WHERE kind = $1 AND job_key = $2 AND ended_at IS NULL",
                                  {std::string_view(job.kind), std::string_view(job.key)}));
  if (!id) return internal_error("a job that was put into the table is not in it");
  return JobId(*id);
}

Status save(store::Connection& connection, const Job& job) {
  return record::update(connection, job);
}

Status end_row(store::Connection& connection, Job& job, State state, Instant now) {
  job.state = state;
  job.ended_at = now;
  job.holder.clear();
  job.lease_until.reset();
  job.position.clear();
  LINNET_CHECK(save(connection, job));
  return forget_old(connection, job.kind);
}

void wait_until(Job& job, Instant due_at, Instant now) {
  job.state = State::waiting;
  job.due_at = due_at;
  job.planned_at = now;
  job.holder.clear();
  job.lease_until.reset();
}

void begin_wait(Job& job, Instant due_at, Instant now) {
  wait_until(job, due_at, now);
  job.tries = 0;
  job.cancel_asked = false;
  job.done = job.total = 0;
  job.note.clear();
  job.position.clear();
  job.asked_by.clear();
  job.started_at.reset();
}

}  // namespace linnet::jobs

namespace linnet::record {

template <>
const Entity& entity_of<jobs::Job>() {
  using jobs::Job;
  static const auto described =
      entity<Job>({.name = "JobRow", .table = "jobs", .care = {.person = OfPerson::ours}},
                  {field<&Job::id>("id").numbered(),
                   field<&Job::kind>("kind").fixed(),
                   field<&Job::key>("key").in_column("job_key").fixed(),
                   field<&Job::lane>("lane"),
                   field<&Job::input>("input"),
                   field<&Job::schedule>("schedule"),
                   field<&Job::zone>("zone"),
                   field<&Job::missed>("missed"),
                   field<&Job::state>("state"),
                   field<&Job::due_at>("due_at"),
                   field<&Job::planned_at>("planned_at"),
                   field<&Job::tries>("tries"),
                   field<&Job::claims>("claims"),
                   field<&Job::holder>("holder"),
                   field<&Job::lease_until>("lease_until"),
                   field<&Job::cancel_asked>("cancel_asked"),
                   field<&Job::done>("done"),
                   field<&Job::total>("total"),
                   field<&Job::note>("note"),
                   field<&Job::position>("position"),
                   field<&Job::result>("result"),
                   field<&Job::error>("error"),
                   field<&Job::asked_by>("asked_by"),
                   field<&Job::created_at>("created_at").fixed(),
                   field<&Job::started_at>("started_at"),
                   field<&Job::last_run_at>("last_run_at"),
                   field<&Job::ended_at>("ended_at")});
  return described;
}

}  // namespace linnet::record
