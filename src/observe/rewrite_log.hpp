// Changes events that are in the log already. For erasing people: everything else only adds to the log.
#pragma once

#include <functional>
#include <optional>

#include "observe/event_log.hpp"

namespace linnet::observe {

struct RewrittenEvent {
  std::string line;
  std::string type;
  std::string status_id;  // empty: none
};

// Asks `rewrite` for every event of the log from `from` on, in order, and puts what it gives in the event's
// place; an error of the event goes with its line. The log is read without a lock and written in short
// transactions, so that appending goes on in between; broken off, it can be run again. Where somebody else
// has changed an event meanwhile, `rewrite` is asked again. Returns how many were changed.
Result<std::int64_t> rewrite_events(
    store::Connection& log_writer, EventId from,
    const std::function<Result<std::optional<RewrittenEvent>>(const LoggedEvent&)>& rewrite);

// A pause for others who wait for a lock that is wanted again and again.
void let_others_in();

}  // namespace linnet::observe
