// Brings the tables up to the log at one go.
#pragma once

#include <functional>

#include "observe/projector.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

// Called after each committed step with the last event applied and the last in the log.
using Progress = std::function<Status(EventId done, EventId total)>;

// Applies every logged event that the tables do not hold; returns the last one applied.
Result<EventId> catch_up(store::Database& database, store::Writer& writer, const ProjectorOptions& options,
                         const Progress& progress);

}  // namespace linnet::observe
