// Takes a person out of what an event of a Mastodon server holds.
#pragma once

#include "connect/log_lines.hpp"

namespace linnet::connect::mastodon {

// Their own posts are blanked; a post they boosted stays as an event of its own; somebody's boost of their
// post, a reply to them or a mention of them loses what points at them. Words that others wrote about them
// stay. `account` is their id on the server that the event comes from.
ErasedPayload erase_from_event(std::string_view type, std::string_view payload, std::string_view account);

}  // namespace linnet::connect::mastodon
