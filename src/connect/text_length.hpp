// How long a text is to the platform that it goes to.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "connect/acting_connector.hpp"

namespace linnet::connect {

// The word for the unit in the tables and the API: characters, graphemes, mastodon.
std::string_view to_string(PlatformLimits::Unit unit);
// All of them.
std::vector<std::string_view> text_unit_names();
std::optional<PlatformLimits::Unit> parse_text_unit(std::string_view word);

// A text with its content warning, as the server counts them: together, without the white space around.
std::int64_t text_length(std::string_view warning, std::string_view text, const PlatformLimits& limits);
// One text alone, such as the answer of a poll.
std::int64_t plain_length(std::string_view text, const PlatformLimits& limits);

}  // namespace linnet::connect
