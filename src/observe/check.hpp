// `db check`: recomputes every derived figure from what it is derived from, and compares.
#pragma once

#include <string>
#include <vector>

#include "store/connection.hpp"

namespace linnet::observe {

enum class Remedy { replay, put_log_back, put_tables_back, restore, none };

struct CheckFinding {
  std::string name;            // what was compared
  std::int64_t differing = 0;  // rows, or events, that are not as they should be
  Remedy remedy = Remedy::replay;
  std::string details = {};  // which, where that can be said
};

// One finding per comparison, also where nothing differs. Reads one consistent state.
Result<std::vector<CheckFinding>> check_projections(store::Connection& connection);

// Reads every page of SQLite's files, the search index included. Where one is damaged the other checks may
// fail.
Result<std::vector<CheckFinding>> check_files(store::Connection& connection);

// Reads the whole log: whether it goes as far as the tables, and whether all of it can be read.
Result<std::vector<CheckFinding>> check_log(store::Connection& connection);

}  // namespace linnet::observe
