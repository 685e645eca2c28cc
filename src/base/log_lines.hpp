// How the log looks.
#pragma once

#include <cstddef>
#include <memory>

#include "base/log.hpp"

namespace linnet::log {

// Of one message so much is written; a server's page of HTML is not.
inline constexpr std::size_t kLongestMessage = 4'000;

// "2026-08-01T09:00:00.000 info …": one line for each message, whatever a server or a person put into it.
std::unique_ptr<spdlog::formatter> line_formatter();

}  // namespace linnet::log
