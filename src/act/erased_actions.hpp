// What actions tell of somebody who was erased.
#pragma once

#include <string>
#include <vector>

#include "store/writer.hpp"

namespace linnet::act {

// Takes out of one what it was about and what it said, within the caller's transaction: for good, also
// against what is written down of it later.
Status blank_action(store::Connection& connection, const std::string& attempt);

// Blanks those that were under way when their person was erased and have been settled since; what would still
// go to them is cancelled. One look where there are none.
Status finish_erased_actions(store::Database& database, store::Writer& writer, Instant now);

}  // namespace linnet::act
