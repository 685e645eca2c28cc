// The tables that are made of events about posts, and what becomes of their rows.
#pragma once

#include <string_view>
#include <vector>

#include "observe/projection.hpp"

namespace linnet::observe {

const std::vector<record::Entity>& post_tables();

// Those that hold what hangs on a post, by the key (instance_id, post_id): whoever takes posts away empties
// these as well. The hashtags of posts are not among them, for figures hang on those.
const std::vector<std::string_view>& tables_with_posts();

const std::vector<DigestedRows>& digested_posts();

}  // namespace linnet::observe
