// What of a text a Mastodon server counts (its StatusLengthValidator).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace linnet::connect::mastodon {

// The text with each link as `url_length` letters, and each mention as its name without the server.
std::string countable_text(std::string_view text, std::int64_t url_length);

}  // namespace linnet::connect::mastodon
