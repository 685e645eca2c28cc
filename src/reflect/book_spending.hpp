// What a run spent, told to the ledger: an event of Linnet's own, so that a replay takes the same.
#pragma once

#include "observe/ingest.hpp"
#include "reflect/layer_run.hpp"

namespace linnet::reflect {

// Waits until it stands in the log.
Status book_spending(observe::Ingest& ingest, const Spending& spending, Instant now);

}  // namespace linnet::reflect
