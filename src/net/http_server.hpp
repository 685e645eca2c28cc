// The HTTP server: HTTP/1.1 with keep-alive and pipelining, and WebSocket listeners. It knows nothing of JSON
// but the problem details of its own errors.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "net/headers.hpp"
#include "net/http_message.hpp"
#include "net/live_hub.hpp"
#include "net/trusted_proxies.hpp"

namespace linnet::net {

// Who answers a request.
enum class Lane : std::uint8_t {
  usual,
  slow,    // one worker of its own, so that hard work cannot take all the others
  urgent,  // the same, and a connection when there are too many: what must get through
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: one that the system picks
  unsigned io_threads = 1;
  unsigned worker_threads = 4;
  std::size_t max_pending_work = 1024;  // requests waiting for a worker of the usual lane; more get 503
  std::size_t max_pending_aside = 32;   // and in each of the other lanes
  // WebSockets count, and may be half of them. Made less where the system lets us have fewer files. With
  // more, the connection goes on which nothing was asked for longest; where all are at work, the new one gets
  // 503.
  std::size_t max_connections = 4096;
  std::size_t reserved_connections = 16;               // beside those, for urgent requests alone
  std::size_t own_descriptors = 128;                   // files that are left for everything else
  std::size_t max_header_bytes = 16U << 10;            // of a trailer too
  std::size_t max_body_bytes = 16U << 20;              // where HttpHandlers::admit says nothing else
  std::size_t max_bodies_bytes = 128U << 20;           // of all requests together; more get 503
  Duration header_timeout = std::chrono::seconds{10};  // from a request's first byte to the end of its head
  Duration body_timeout = std::chrono::seconds{60};    // from there to the end of its body
  Duration idle_timeout = std::chrono::seconds{75};    // between requests
  Duration write_timeout = std::chrono::seconds{60};   // for one answer to be taken by the client
  Duration drain_timeout = std::chrono::seconds{5};    // for requests in progress when the server stops
  Headers static_headers;                              // on every answer
  // Names, without port, that Host may have besides the loopback ones. A server bound to a loopback address
  // answers only to those (against DNS rebinding); one bound elsewhere answers to any name while this is
  // empty.
  std::vector<std::string> allowed_hosts;
  // Whose X-Forwarded-For and X-Forwarded-Proto are believed; nobody's, unless said so.
  TrustedProxies trusted_proxies;
  // Origins ("https://linnet.example") of other sites that may open WebSockets and send changing requests;
  // the same host always may.
  std::vector<std::string> allowed_origins;
};

// A body may come.
struct Admission {
  std::size_t max_body_bytes = 0;
  std::shared_ptr<BodySink> sink;  // where it goes; null: into memory
};

struct HttpHandlers {
  // Runs on the I/O thread: for answers that are in memory. Must not block. nullopt: `handle` answers. May be
  // empty.
  std::function<std::optional<Response>(const Request&)> fast;
  // Runs on a worker thread; several at a time. An exception becomes a 500.
  std::function<Response(const Request&)> handle;
  // Judges a request that has a body by its head, before anything of the body is taken in: lets it come, or
  // answers at once. Runs on a worker thread. Empty: every body may come.
  std::function<std::variant<Admission, Response>(const Request&)> admit;
  // Runs on the I/O thread. Empty: all are usual.
  std::function<Lane(const Request&)> lane;
  // Paths ("/api/v1/live") where WebSockets may be opened.
  std::vector<std::pair<std::string, LiveHub*>> live;
};

struct HttpServerStats {
  std::uint64_t requests = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::size_t connections = 0;
};

class HttpServer {
 public:
  // Listens and serves from its own threads. `unavailable` when the address cannot be had, `invalid` for bad
  // options.
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, HttpHandlers handlers);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // "http://127.0.0.1:PORT"
  [[nodiscard]] std::string url() const;
  [[nodiscard]] HttpServerStats stats() const;

  // Takes no more connections, lets requests in progress end (drain_timeout at most), says goodbye to
  // listeners, and joins all threads. Not from a handler. Safe to call twice.
  void stop();

 private:
  class Core;
  explicit HttpServer(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace linnet::net
