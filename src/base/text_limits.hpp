// How long the texts may be that are kept for good: each has a limit that fits it.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"

namespace linnet {

// In characters (code points).
inline constexpr std::size_t kLongestKey = 200;       // of somebody's own making, to find something by
inline constexpr std::size_t kLongestReason = 1'000;  // why something was done, and where that can be read
inline constexpr std::size_t kLongestWord = 2'000;    // what has no limit of its own: names, ids, addresses
inline constexpr std::size_t kLongestSecret =
    10'000;  // tokens, keys, what a network sends a browser back with
inline constexpr std::size_t kLongestPost = 100'000;  // more than any network takes

// `invalid` names the field, and says how long it is.
Status check_length(std::string_view field, std::string_view text, std::size_t most);

}  // namespace linnet
