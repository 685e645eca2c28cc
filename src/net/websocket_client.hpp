// A WebSocket to a server, as blocking calls from one thread.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "net/headers.hpp"

namespace linnet::net {

struct WebSocketRequest {
  std::string url;  // ws or wss
  Headers headers;
  std::string subprotocol;  // empty for none
  std::string user_agent = "Linnet/0.1";
  Duration connect_timeout = std::chrono::seconds{15};  // name, TCP, TLS and the handshake together
  // After this long without a byte from the server it is pinged; as long again without one, and it is given
  // up.
  Duration ping_every = std::chrono::seconds{30};
  std::size_t max_message_bytes = 4U << 20;
  std::string ca_file;  // PEM; empty for the system's store
};

// What the server answered to the handshake.
struct WebSocketHandshake {
  int status = 0;  // 0 when no answer came; 101 when accepted
  Headers headers;
};

struct WebSocketMessage {
  std::string data;
  bool binary = false;
};

// Not thread-safe: one thread calls. While read() waits, pings are sent and answered. After an error the
// connection is closed, and every call fails.
class WebSocketClient {
 public:
  // A server that does not answer 101 gives the error its status means (see error_for_status) and fills
  // `answer`, so that the caller can fall back to server-sent events. Redirects are not followed. The
  // certificate is checked against the host name.
  static Result<WebSocketClient> connect(const WebSocketRequest& request, const std::stop_token& stop,
                                         WebSocketHandshake* answer = nullptr);
  WebSocketClient(WebSocketClient&&) noexcept;
  WebSocketClient& operator=(WebSocketClient&&) noexcept;
  ~WebSocketClient();

  // Waits for the next whole message. nullopt: none within `timeout`, and the connection stands (a message
  // half received is kept for the next call). Errors: `unavailable` (closed, lost, no pong), `invalid`
  // (message larger than allowed, broken protocol), `cancelled`.
  Result<std::optional<WebSocketMessage>> read(Duration timeout, const std::stop_token& stop);
  Status send_text(std::string_view text, const std::stop_token& stop);
  // Says goodbye and waits a short time (2 s) for the answer; safe to call twice.
  void close();

  // The close code the server gave, 0 if none: some platforms say there what went wrong.
  [[nodiscard]] int close_code() const;

 private:
  class Connection;
  explicit WebSocketClient(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace linnet::net
