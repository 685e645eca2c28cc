// The emergency stop: while it stands, nothing leaves. Every process that acts looks at it before each action
// and several times a second.
#pragma once

#include <optional>
#include <string>

#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::govern {

// Since when everything is stopped; nullopt: it is not.
Result<std::optional<Instant>> stopped_since(store::Connection& connection);
// Within the caller's transaction, and in the audit trail. Stopping twice keeps the first moment.
Status stop_everything(store::Connection& connection, const std::string& actor, const std::string& reason,
                       Instant now);
Status resume_everything(store::Connection& connection, const std::string& actor, Instant now);

}  // namespace linnet::govern
