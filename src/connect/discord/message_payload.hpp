// Reads what events of Discord hold, the `d` of a dispatch: see events.hpp for what becomes of which.
#pragma once

#include <boost/json/object.hpp>

#include "connect/log_lines.hpp"

namespace linnet::connect::discord {

std::unique_ptr<PayloadReader> make_dispatch_reader();

// Whether an event must stay out of the log: it is of a direct message, or carries what only the bot may
// know, such as the token of an interaction. `payload` is null where it cannot be read.
bool is_private_dispatch(std::string_view event, const boost::json::object* payload);

}  // namespace linnet::connect::discord
