// Rebuilds every projection from the event log.
#pragma once

#include "observe/catch_up.hpp"
#include "observe/digest.hpp"
#include "observe/event_log.hpp"

namespace linnet::observe {

struct ReplayOutcome {
  std::int64_t events = 0;
  bool from_empty = true;         // false: the log does not hold everything, so the tables' rows stayed
  std::vector<LogDamage> unread;  // what of the log could not be read
  Digest digest;
};

// Reads the whole log first. Where all of it is there, empties the projections and applies it again. Where
// retention has removed its beginning, or some of it is damaged, the rows that only that could rebuild stay,
// and what is left is applied over them: events that are known change nothing. `corrupt`, with nothing
// changed, when the log ends before what the tables hold. Not while an Ingest runs on the same database in
// this process; another process notices and starts afresh.
Result<ReplayOutcome> replay(store::Database& database, store::Writer& writer,
                             const ProjectorOptions& options, const Progress& progress);

}  // namespace linnet::observe
