// Writes what a batch changed about posts: rows, versions, counts, mentions, media.
#pragma once

#include <vector>

#include "observe/post_state.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

// The states in the order in which new posts are to be numbered. `redact`: deleted posts keep no content.
Status write_posts(store::Connection& connection, std::vector<PostState>& states, bool redact);

}  // namespace linnet::observe
