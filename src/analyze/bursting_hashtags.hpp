// The burst method of trending hashtags, from the tables. For this room alone; see trending_hashtags.
#pragma once

#include "analyze/hashtag_figures.hpp"

namespace linnet::analyze {

// Memory is that of one window's posts, whatever lies before: windows are read one after another.
Result<std::vector<TrendingTag>> bursting_hashtags(store::Connection& connection, const TrendQuestion& ask);

}  // namespace linnet::analyze
