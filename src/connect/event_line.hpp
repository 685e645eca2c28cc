// The form in which events are handed on: {"received_at":"…","event":"update","payload":…}
#pragma once

#include <string>
#include <string_view>

#include "base/instant.hpp"

namespace linnet::connect {

// `payload_json` is put in as it is, but for line feeds between its tokens, which become spaces. `network`
// names the form of the payload where it is not Mastodon's: {…,"network":"bluesky","payload":…}.
std::string make_event_line(Instant received_at, std::string_view event, std::string_view payload_json,
                            std::string_view network = {});

}  // namespace linnet::connect
