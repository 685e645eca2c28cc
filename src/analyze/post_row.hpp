// A post as SQL gives it: the columns of a PostView and what is joined for them. For this room alone.
#pragma once

#include <string>
#include <string_view>

#include "analyze/post_list.hpp"

namespace linnet::analyze {

// "SELECT …  FROM …": posts stand there as `p`, where `from` says they come from, e.g. "posts p".
std::string select_posts(std::string_view from);

// A row of it.
PostView read_post(const store::Statement& row);

// The label and score that begin at the column. Without them, a text that is not scored says so, and one
// whose turn has not come has none.
std::optional<SentimentView> sentiment_at(const store::Statement& row, int column, std::string_view language,
                                          std::string_view text);

}  // namespace linnet::analyze
