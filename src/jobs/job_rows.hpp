// Rows of the table as jobs and back, for the files of this folder.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "jobs/job.hpp"
#include "store/record/sql.hpp"

namespace linnet::jobs {

// `rest`: the condition, and what may follow it.
Result<std::vector<Job>> select(store::Connection& connection, std::string_view rest,
                                const record::Values& values = {});
Result<std::optional<Job>> select_one(store::Connection& connection, std::string_view rest,
                                      const record::Values& values);
Result<JobId> insert(store::Connection& connection, const Job& job);
// All but its id, kind, key and the moment it was made.
Status save(store::Connection& connection, const Job& job);

// The row tells what was from now on; the oldest of its kind are forgotten.
Status end_row(store::Connection& connection, Job& job, State state, Instant now);

// Nobody works at it until then; what it has done so far stays.
void wait_until(Job& job, Instant due_at, Instant now);
// As it is between two times.
void begin_wait(Job& job, Instant due_at, Instant now);

}  // namespace linnet::jobs
