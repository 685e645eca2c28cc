// Reads what events of a Mastodon server hold: a status, as an object or as text holding one.
#pragma once

#include "connect/log_lines.hpp"

namespace linnet::connect::mastodon {

std::unique_ptr<PayloadReader> make_status_payload_reader();

}  // namespace linnet::connect::mastodon
