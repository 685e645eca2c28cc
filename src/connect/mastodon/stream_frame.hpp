// What a server sends on its stream, frame by frame. Pure: bytes in, events out.
#pragma once

#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace linnet::connect::mastodon {

struct LiveEvent {
  std::string line;       // to be handed on, see event_line.hpp
  std::string type;       // "update"; empty when the frame could not be understood
  std::string status_id;  // of an update or an edit; empty else
  std::string edited_at;  // as written
  std::string acct;       // of its author; empty where it is not told
};

// A text frame of the WebSocket: {"stream":["public"],"event":"update","payload":"{…}"}. The payload is
// handed on as it came. A frame that is no event becomes a line all the same, so that the log shows it; one
// by which the server refuses the stream ({"error":…,"status":401}) becomes the error.
Result<LiveEvent> read_frame(std::string_view frame, Instant received_at);

// A server-sent event.
LiveEvent read_server_event(std::string_view type, std::string_view data, Instant received_at);

}  // namespace linnet::connect::mastodon
