// Logging: spdlog, to standard error, one line a message. Never log tokens or the text of messages.
#pragma once

#include <spdlog/spdlog.h>

namespace linnet::log {

using spdlog::debug;
using spdlog::error;
using spdlog::info;
using spdlog::warn;

}  // namespace linnet::log
