// Reads what events of Bluesky hold: a message of Jetstream.
#pragma once

#include "connect/log_lines.hpp"

namespace linnet::connect::bluesky {

std::unique_ptr<PayloadReader> make_jetstream_payload_reader();

}  // namespace linnet::connect::bluesky
