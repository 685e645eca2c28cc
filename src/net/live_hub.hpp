// Messages to everyone who listens on a WebSocket.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "net/http_message.hpp"

namespace linnet::net {

struct LiveHubOptions {
  // Says whether a listener wants a message. Runs on an I/O thread, for each message and listener: must be
  // quick. Empty: everything.
  using Filter = std::function<bool(std::string_view topic, std::string_view message)>;

  // Somebody who is let in.
  struct Guest {
    Filter filter;     // empty: everything
    std::string pass;  // what let them in, for LiveHub::passes() and end(); guests may have the same
  };
  // Somebody is at the door: a guest, or the HTTP answer that turns them away. Runs on a worker thread.
  // Empty: everyone is let in and gets everything.
  std::function<std::variant<Guest, Response>(const Request&)> on_connect;
  // A listener sent a text. `filter` replaces its filter, `reply` is sent to it. An error closes the
  // connection (1008) with its safe text. Empty: texts are ignored.
  struct Answer {
    std::optional<Filter> filter;
    std::string reply;
  };
  std::function<Result<Answer>(std::string_view text)> on_text;

  std::size_t max_listeners = 10'000;  // more get 503
  std::size_t max_queued = 256;        // messages waiting for one listener; the oldest go first
  std::size_t max_text_bytes = 64U << 10;
  Duration ping_every =
      std::chrono::seconds{30};  // as long again without an answer, and the listener is dropped
};

// Thread-safe. Made before the server, handed to it, and may outlive it.
class LiveHub {
 public:
  explicit LiveHub(LiveHubOptions options = {});
  ~LiveHub();
  LiveHub(const LiveHub&) = delete;
  LiveHub& operator=(const LiveHub&) = delete;

  // Hands the message to the I/O threads and returns; never waits for a listener. A listener that is too slow
  // loses the oldest messages, and is told by {"type":"dropped","count":n} in their place.
  void broadcast(std::string_view topic, std::shared_ptr<const std::string> message);

  // The passes of those who listen now, each once; empty ones are left out.
  [[nodiscard]] std::vector<std::string> passes() const;
  // Closes the connections of those who came in by this pass (1008), and says why.
  void end(const std::string& pass, std::string_view reason);

  [[nodiscard]] std::size_t listeners() const;
  // Messages that listeners lost, since the start.
  [[nodiscard]] std::uint64_t dropped() const;

  // For the server.
  class State;
  [[nodiscard]] const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace linnet::net
