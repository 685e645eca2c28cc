#include "connect/known_platforms.hpp"

#include "connect/bluesky/acting_bluesky.hpp"
#include "connect/mastodon/acting_mastodon.hpp"

namespace linnet::connect {

std::vector<KnownPlatform> known_platforms() {
  return {{"mastodon", "Mastodon", "Servers that speak Mastodon's API, each with limits of its own", 10,
           mastodon::capabilities_of_mastodon(), std::nullopt},
          {"bluesky", "Bluesky", "Servers of the AT Protocol, with the limits of Bluesky's posts", 20,
           bluesky::capabilities_of_bluesky(), bluesky::limits_of_bluesky()}};
}

}  // namespace linnet::connect
