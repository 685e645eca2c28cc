// The networks that Linnet deals with, by the names that they have in the tables, the API and the commands.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::model {

inline constexpr std::string_view kPlatforms[] = {"bluesky", "discord", "mastodon"};

// The name as it is kept, whatever its case; nothing stays nothing. `invalid` names `field`, what is known
// and what to do: `advice`, as in "or leave it out to mean all of them".
Result<std::string> read_platform(std::string_view field, std::string_view name, std::string_view advice);

}  // namespace linnet::model
