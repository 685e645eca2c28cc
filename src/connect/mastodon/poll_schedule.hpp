// When the counts of a post are to be read again. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/instant.hpp"

namespace linnet::connect::mastodon {

constexpr Duration kPolledFor = std::chrono::days{7};

// The first of the post's times that is later than `last_read`: each hour of its first day, then each 6 hours
// to its 7th day, counted from `created_at` and put off by a part of the interval that depends on the id
// alone, so that posts of one moment are not all due at one moment. nullopt once there is none. A time that
// has passed means: due now, once, however many were missed.
std::optional<Instant> next_poll(Instant created_at, Instant last_read, std::string_view post_id);

}  // namespace linnet::connect::mastodon
