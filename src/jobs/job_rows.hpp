// Rows of the table as jobs and back, for the files of this folder.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "jobs/job.hpp"
#include "store/connection.hpp"

namespace linnet::jobs {

// "{}" in the SQL stands for the columns.
Result<std::vector<Job>> select(store::Connection& connection, std::string_view sql,
                                std::initializer_list<store::Value> values = {});
Result<std::optional<Job>> select_one(store::Connection& connection, std::string_view sql,
                                      std::initializer_list<store::Value> values);
Result<JobId> insert(store::Connection& connection, const Job& job);
// All but its id, kind, key and the moment it was made.
Status save(store::Connection& connection, const Job& job);

// As it is between two times.
void begin_wait(Job& job, Instant due_at);

}  // namespace linnet::jobs
