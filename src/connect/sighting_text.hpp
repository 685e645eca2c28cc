// What connectors do with the text of a sighting, whatever the platform.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "model/sighting.hpp"

namespace linnet::connect {

// Ids and names become keys of indexes; no platform makes longer ones.
constexpr std::size_t kLongestKey = 1'000;

// The text as the arena's, with NUL replaced.
std::string_view keep_text(Arena& arena, std::string_view text);
// The same, as hashtags are kept: see base/hashtag_name.hpp.
std::string_view keep_hashtag(Arena& arena, std::string_view name);
// The members that follow from the others: content_type, and the lists as JSON. `scratch` keeps its memory
// from post to post.
void add_lists(model::PostSighting& post, Arena& arena, std::string& scratch);
// `plain_hash` and `content_hash`: the whole content is content HTML, spoiler text, the media in order with
// their descriptions, and the options of a poll.
void add_hashes(model::PostSighting& post);

}  // namespace linnet::connect
