#pragma once

#include <string_view>

#include "net/live_hub.hpp"

namespace linnet::api {

// What a listener asks for, from then on:
//   {"type":"subscribe","topics":["posts","rate","connectors","jobs"],"hashtag":"books","instance_id":1}
// Each part may be left out, not all. A hashtag or an instance narrows the posts: of edits and new posts
// those that have the hashtag now; of counts and deletions, which do not say their hashtags, all of the
// instance.
Result<net::LiveHubOptions::Answer> subscribe(std::string_view text);

}  // namespace linnet::api
