// The tables that hold what hangs on a post, by the key (instance_id, post_id): whoever takes posts away
// empties these as well. The hashtags of posts are not among them, for figures hang on those.
#pragma once

#include <string_view>

namespace linnet::observe {

inline constexpr std::string_view kPostTables[] = {
    "post_past_versions", "post_metric_snapshots", "post_unchanged_counts", "post_tombstones",
    "post_mentions",      "media_attachments",     "content_changes",       "post_sentiments"};

// What a replay makes anew beside those.
inline constexpr std::string_view kProjections[] = {"posts", "platform_users", "hashtags", "post_hashtags",
                                                    "hashtag_hourly_stats"};

}  // namespace linnet::observe
