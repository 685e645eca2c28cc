// Whether this machine's clock and the database's agree.
#pragma once

#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::store {

// Several processes on one database judge by their own clocks what is due and what is too old: one that is
// ahead would send before the time. `own`: this machine's time. `unavailable`, with what to do, where the two
// are more than thirty seconds apart; nothing to compare where the database is a file.
Status refuse_clocks_apart(Connection& connection, Instant own);

}  // namespace linnet::store
