// An event that was understood, and that the tables do not take all the same.
#pragma once

#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

// Whether the tables take an event as it should be: then it is not them who are at fault. Nothing of it
// stays.
Status tables_take_events(store::Writer& writer);

// Notes in the log that the event failed, and why. It is passed over, and tried again whenever it is read
// anew: by a replay, say, into tables that may take it by then.
Status note_refused(store::Connection& log, EventId event, const Error& error);
// Whether an event failed for that.
bool is_refusal(std::string_view process_error);
// Notes that the tables took them after all.
Status note_taken(store::Connection& log, const std::vector<EventId>& events);

}  // namespace linnet::observe
