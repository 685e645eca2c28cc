// A server's live stream: by WebSocket, or by server-sent events where that does not work. Blocking.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "connect/mastodon/stream_frame.hpp"
#include "connect/mastodon/stream_kind.hpp"
#include "connect/request_budget.hpp"
#include "net/event_source.hpp"

namespace linnet::connect::mastodon {

struct LiveStreamOptions {
  std::string streaming_url;  // "wss://streaming.example.social", see InstanceInfo
  std::string token;          // empty: as a guest
  std::string sign_in_hint;   // what to tell a guest who is refused
  bool try_web_socket = true;
  std::size_t max_event_bytes = 4U << 20;
  Duration ping_every = std::chrono::seconds{30};    // WebSocket: as long again without a byte ends it
  Duration idle_timeout = std::chrono::seconds{90};  // server-sent events: longest time without a byte
  Duration idle_tick = std::chrono::seconds{1};
};

struct LiveStreamHandlers {
  std::function<void(std::string_view transport)> on_open;  // subscribed: nothing is missed from here on
  std::function<Status(LiveEvent)> on_event;                // an error ends the stream
  std::function<Status()> on_idle;                          // now and then while nothing comes, if possible
};

// Not thread-safe.
class LiveStream {
 public:
  // All outlive the stream.
  LiveStream(net::EventSource& events, RequestBudget& budget, Clock& clock, LiveStreamOptions options);

  // Connects and follows until the stream ends, which is always an error: `cancelled` when stopped, `denied`
  // when the server does not let us, what a handler returned, else why it ended. Remembers which way worked.
  Status follow(const StreamKind& kind, const LiveStreamHandlers& handlers, const std::stop_token& stop);

 private:
  Status follow_web_socket(const StreamKind& kind, const LiveStreamHandlers& handlers,
                           const std::stop_token& stop, bool token_as_subprotocol, int& status);
  Status follow_server_events(const StreamKind& kind, const LiveStreamHandlers& handlers,
                              const std::stop_token& stop);
  [[nodiscard]] Error refused(const Error& error) const;

  net::EventSource& events_;
  RequestBudget& budget_;
  Clock& clock_;
  LiveStreamOptions options_;
  bool prefers_server_events_ = false;
};

}  // namespace linnet::connect::mastodon
