// Follows Jetstream, the public stream of what happens on Bluesky, for as long as it is told to, without a
// gap.
//
// The place in the stream is the time at which Jetstream saw an event. It is saved together with everything
// before it; after every (re)connect the stream is read again from a few seconds before it. What is read
// twice makes the same lines twice, which change nothing. Jetstream keeps its events for about a day: what
// was missed in a longer time away is lost, and that is said.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "connect/bluesky/frame_decompressor.hpp"
#include "connect/bluesky/jetstream_interest.hpp"
#include "connect/bluesky/jetstream_sieve.hpp"
#include "connect/bluesky/known_posts.hpp"
#include "connect/connector_health.hpp"
#include "connect/event_sink.hpp"
#include "net/backoff.hpp"
#include "net/websocket_client.hpp"

namespace linnet::connect::bluesky {

struct JetstreamOptions {
  std::vector<std::string> servers;   // wss://…/subscribe; the next one when one fails
  std::string dictionary;             // path of the zstd dictionary; empty: not compressed
  std::optional<std::string> cursor;  // where the last run came to; nullopt on the first start
  net::BackoffOptions backoff = {};
  // After a refusal: the server may change its mind.
  Duration retry_refused_after = std::chrono::minutes{30};
  Duration overlap = std::chrono::seconds{5};
  Duration save_cursor_every = std::chrono::seconds{5};
  Duration hand_on_after = std::chrono::milliseconds{100};
  // Somebody's handle changed and the stream does not say into which; may be empty.
  std::function<void(const std::string& did)> on_renamed = {};
  std::size_t batch = 200;                    // lines
  std::size_t max_message_bytes = 1U << 20U;  // asked of the server, and kept to: decompressed as well
  Duration ping_every = std::chrono::seconds{30};
};

// The name under which the place in the stream is kept: "https://bsky.social jetstream".
std::string jetstream_id(std::string_view network);

class JetstreamConnector {
 public:
  // `network` is the address of the instance. All references outlive the connector. `random` gives numbers in
  // [0, 1). `on_change` may be empty.
  JetstreamConnector(std::string network, EventSink& sink, KnownPosts& known, Clock& clock,
                     std::function<double()> random, Interest interest, JetstreamOptions options,
                     std::function<void(const ConnectorHealth&)> on_change);

  // Blocks until stopped, or until the sink takes nothing more: then the state is `failed`. Call once.
  void run(const std::stop_token& stop);

  // From any thread.
  [[nodiscard]] ConnectorHealth health() const { return health_.snapshot(); }
  // What is watched from now on; the connection stays.
  void watch(Interest interest);

 private:
  struct Following;
  struct Watched {
    Interest interest;
    std::uint64_t version = 0;  // to be told apart without a look at thousands of names
  };
  void load_dictionary();
  void run_uncompressed(std::string because);
  Status follow(const std::stop_token& stop);
  Result<net::WebSocketClient> connect(const std::stop_token& stop, Following& following);
  Status say_interest(net::WebSocketClient& socket, Following& following, const std::stop_token& stop);
  Status take(const net::WebSocketMessage& message, Following& following);
  void leave_out(const std::string& because);
  Status take_text(std::string_view text, Following& following);
  void note_place(Instant at, Following& following);
  Status hand_on(Following& following, bool is_last);
  void rest_after(const Error& error, const std::stop_token& stop);
  [[nodiscard]] std::string server() const { return options_.servers[server_ % options_.servers.size()]; }

  std::string network_;
  EventSink& sink_;
  Clock& clock_;
  JetstreamOptions options_;
  HealthBoard health_;
  net::Backoff backoff_;
  JetstreamSieve sieve_;
  JetstreamReader reader_;
  Guarded<Watched> watched_;
  std::optional<FrameDecompressor> decompressor_;
  std::string uncompressed_because_;
  std::size_t server_ = 0;
  std::optional<Instant> place_;  // everything up to it was handed on, or is in `pending_`
  std::optional<Instant> saved_place_;
  std::vector<std::string> pending_;
  std::optional<Error> sink_error_;  // the sink takes nothing more
};

}  // namespace linnet::connect::bluesky
