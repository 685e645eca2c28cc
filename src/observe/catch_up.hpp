// Brings the tables up to the log: after a crash, and when another process has written to the log.
#pragma once

#include <functional>
#include <span>

#include "observe/projector.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

// Called after each committed batch with the last event applied and the last in the log.
using Progress = std::function<Status(EventId done, EventId total)>;

// Applies every logged event that the tables do not hold; returns the last one applied.
Result<EventId> catch_up(store::Database& database, store::Writer& writer, Projector& projector,
                         const Progress& progress);

// Applies freshly logged events inside a transaction and moves the mark. What others logged before them is
// read from the log and applied first; what the tables hold already is passed over.
Status apply_logged(store::Database& database, store::Connection& connection, Projector& projector,
                    std::span<const model::Event> events, ProjectedBatch& projected);

}  // namespace linnet::observe
