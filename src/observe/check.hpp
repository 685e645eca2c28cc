// `db check`: recomputes every derived figure from what it is derived from, and compares.
#pragma once

#include <string>
#include <vector>

#include "store/connection.hpp"

namespace linnet::observe {

struct CheckFinding {
  std::string name;            // what was compared
  std::int64_t differing = 0;  // rows that are not as they should be
};

// One finding per comparison, also where nothing differs. Reads one consistent state.
Result<std::vector<CheckFinding>> check_projections(store::Connection& connection);

}  // namespace linnet::observe
