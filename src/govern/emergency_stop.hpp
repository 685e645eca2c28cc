// The emergency stop: while it stands, nothing leaves. Every process that acts looks at it before each action
// and several times a second.
#pragma once

#include <optional>
#include <string>

#include "base/instant.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

// Since when everything is stopped; nullopt: it is not. Who cannot be told, by an error, acts on nothing.
Result<std::optional<Instant>> stopped_since(store::Connection& connection);
// Stops everything at once, whatever else is being written: it waits for nobody. note_stop has to follow.
Status raise_stop(store::Database& database, const std::string& actor, const std::string& reason,
                  Instant now);
// The same for whoever knows no more than where the database is, and perhaps cannot open it.
Status raise_stop_at(const std::string& location, const std::string& actor, const std::string& reason,
                     Instant now);
// The same within the caller's transaction, for want of another way. Stopping twice keeps the first moment.
Status stop_everything(store::Connection& connection, const std::string& actor, const std::string& reason,
                       Instant now);
// Writes down, each with a row of the audit trail, the stops that were raised by this process or another; one
// look where that is done. Where others write for longer than `patience`, it is written behind them, and
// looked at again by the next call.
Status note_stop(store::Database& database, store::Writer& writer, Instant now,
                 Duration patience = std::chrono::hours(1));
// Within the caller's transaction, and in the audit trail; after note_stop.
Status resume_everything(store::Connection& connection, const std::string& actor, Instant now);

}  // namespace linnet::govern
