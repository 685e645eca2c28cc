#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace linnet {

// The strings of a JSON array of strings, as the connectors write them into posts.hashtags; empty for "" and
// for anything else.
std::vector<std::string> json_names(std::string_view array);

}  // namespace linnet
