// Rebuilds every projection from the event log.
#pragma once

#include "observe/catch_up.hpp"
#include "observe/digest.hpp"

namespace linnet::observe {

struct ReplayOutcome {
  std::int64_t events = 0;
  bool from_empty = true;  // false: the log begins later than the tables, whose rows therefore stayed
  Digest digest;
};

// Empties the projections and applies the whole log again. Where retention has removed the beginning of the
// log, the rows that only it could rebuild stay, and what is left is applied over them: events that are known
// change nothing. Not while an Ingest runs on the same database in this process; another process notices and
// starts afresh.
Result<ReplayOutcome> replay(store::Database& database, store::Writer& writer,
                             const ProjectorOptions& options, const Progress& progress);

}  // namespace linnet::observe
