// The table of jobs: asked for, looked at, put on a schedule, called off. Whoever runs them also needs
// claim.hpp. All that writes is to be called within a transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/job.hpp"
#include "store/connection.hpp"
#include "store/lease.hpp"

namespace linnet::jobs {

struct NewJob {
  std::string key = {};
  std::string input = "{}";
  std::string asked_by = {};
  std::optional<Instant> due_at = {};  // now where it is absent
};
// Once. `conflict` while another of the same kind and key is alive.
Result<JobId> add(store::Connection& connection, const Kind& kind, const NewJob& job, Instant now);

// For what is sealed for the very job that it is in: to be called in the transaction that added it.
Status set_input(store::Connection& connection, JobId id, std::string_view input);

Result<std::optional<Job>> find(store::Connection& connection, JobId id);
Result<std::optional<Job>> find_alive(store::Connection& connection, std::string_view kind,
                                      std::string_view key);

struct JobFilter {
  std::string kind = {};
  std::optional<State> state = {};
  bool is_alive = false;             // those alone that wait, run or ask
  std::optional<JobId> before = {};  // for the next page
  std::int64_t limit = 50;
};
// Newest first.
Result<std::vector<Job>> list(store::Connection& connection, const JobFilter& filter);

// Sees to it that a kind with a schedule has a job that waits for its next time; where it waits by another
// schedule, it waits by this one.
// `is_start`: for a kind that is due then, it is due now.
Status keep_schedule(store::Connection& connection, const Kind& kind, std::string_view key, Instant now,
                     bool is_start = false);
// What was put off until a time of a clock that has been set back since waits no longer than it was to wait
// then; one with a schedule waits for its next time.
Status heed_clock_set_back(store::Connection& connection, Instant now);
// Ends the job that keep_schedule made: what it was for is gone.
Status drop_schedule(store::Connection& connection, std::string_view kind, std::string_view key, Instant now);

// Calls a job off: one that runs is asked to stop, one with a schedule leaves out this time. `not_found`, or
// `conflict` when it has ended, or leaves out its next time already.
Status cancel(store::Connection& connection, JobId id, std::string_view by, Instant now);

// Runs it as soon as may be, whatever its schedule; also one that asks whether a missed time is made up for.
// `conflict` when it runs or has ended.
Status run_now(store::Connection& connection, JobId id, std::string_view by, Instant now);
// The same by kind: the job that waits, or else a new one; of a kind with keys, without a key, all that wait.
// `conflict` when it runs.
Result<JobId> run_kind_now(store::Connection& connection, const Kind& kind, const NewJob& job, Instant now);

// The next time of a job with a schedule.
Result<Instant> next_time(const Job& job, Instant after);

// By which leases are measured: all who share a database agree on it.
using store::database_now;

}  // namespace linnet::jobs
