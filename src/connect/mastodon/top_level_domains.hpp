// The ends of host names that a Mastodon server knows.
#pragma once

#include <string_view>
#include <vector>

namespace linnet::connect::mastodon {

// "org", "москва": in lower case.
bool is_top_level_domain(std::string_view name);
// Those that go beyond ASCII, in the order in which they are tried.
const std::vector<std::string_view>& international_top_level_domains();

}  // namespace linnet::connect::mastodon
