// Copies of the database that jobs make: where they stand, and which of them go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace linnet::govern {

struct BackupSettings {
  std::string schedule;  // as cron writes it; empty: only when one is asked for
  std::string zone = "UTC";
  std::int64_t most = 7;  // of those made by the schedule
};

// The folder `backups` of the data folder, for its owner alone: a copy holds what the database does.
Result<std::filesystem::path> backups_folder(const std::string& data);

// By the moment at which a copy was begun, so that none takes the place of another: what was made by a
// schedule has a name of its own.
std::string name_of_copy(Instant begun, bool is_by_schedule);

// Removes all but the newest of the copies made by a schedule, and what is left of those that were broken
// off; `newest`, by its name_of_copy(), stays whatever the others are called. How many went. What was asked
// for by hand is never touched.
Result<std::int64_t> remove_old_copies(const std::filesystem::path& folder, const std::string& newest,
                                       std::int64_t most);

}  // namespace linnet::govern
