// Thins out the event log by age.
#pragma once

#include "observe/event_log.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

// Removes whole blocks of events received before `before`, as far as the tables hold them; returns how many
// events went, or with `dry_run` would go. In short transactions with pauses, each under the lock of the
// tables, so that events go on coming in, no more room is needed than for one of them, and whoever empties
// the tables to fill them from the log finds it as it will be.
Result<std::int64_t> prune_log(store::Database& database, store::Writer& writer, Instant before,
                               bool dry_run);

}  // namespace linnet::observe
