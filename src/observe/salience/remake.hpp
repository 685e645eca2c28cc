// Making the ledger anew from the log, beside tables that are further on: where a person was erased whose
// messages others' topics had part in, and where an older version kept no ledger.
#pragma once

#include "observe/event_log.hpp"
#include "store/writer.hpp"

namespace linnet::salience {

// Empties the ledger and reckons every event again up to what the tables hold, in short transactions; what
// comes in meanwhile is reckoned with at the end. Broken off, finish_ledger() does it again. Where the log
// does not begin at its beginning, or a part of it is damaged, what it holds is reckoned with.
Status remake_ledger(store::Database& database, store::Writer& writer);

// The same where it is needed: the ledger does not hold what the tables hold.
Status finish_ledger(store::Database& database, store::Writer& writer);

// After an erasure: where all of the log is there, the ledger is what a replay would give; else it stays,
// without what was taken out of it.
Status remake_ledger_if_whole(store::Database& database, store::Writer& writer);

// Events before `kept` are in the log no more: their entries become one opening balance for each topic.
// Under the lock of the tables.
Status fold_pruned(store::Connection& connection, EventId kept);

}  // namespace linnet::salience
