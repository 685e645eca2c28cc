// What the connections of one server share. Private to this library: Asio shows in no public header.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "net/http_server.hpp"

namespace linnet::net {

class HttpConnection;

using IoExecutor = boost::asio::io_context::executor_type;
using IoSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;

// The workers of one lane, and how many requests they have before them.
struct Crew {
  std::unique_ptr<boost::asio::thread_pool> workers;
  std::size_t max_pending = 0;
  std::atomic<std::size_t> pending{0};

  // False: there is too much to do. Who entered leaves when it is done.
  bool enter() {
    if (pending.fetch_add(1) < max_pending) return true;
    --pending;
    return false;
  }
  void leave() { --pending; }
};

struct ServerContext {
  HttpServerOptions options;
  HttpHandlers handlers;
  // The static header fields as they stand in an answer.
  std::string static_head;
  bool is_loopback = false;
  // Of handlers.live, so that the server does not care which of the two ends first.
  std::vector<std::pair<std::string, std::shared_ptr<LiveHub::State>>> live;

  std::array<Crew, 3> crews;  // by Lane
  std::atomic<bool> is_stopping{false};
  std::atomic<std::size_t> body_bytes{0};  // that requests in progress keep in memory

  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> reserved{0};  // connections that may ask for what is urgent alone
};

// One I/O thread. Everything but `io` is used on that thread alone.
struct ServerShard {
  std::unordered_set<HttpConnection*> connections;
  std::string date_line;  // "Date: …\r\n", renewed by the sweep
  // The last member: when it ends, it ends the connections that are left, which leave the set above.
  boost::asio::io_context io{1};
};

// Counts a connection for as long as it lives, over the change to a WebSocket too.
class ConnectionSlot {
 public:
  explicit ConnectionSlot(std::atomic<std::size_t>& count) : count_(&count) { ++*count_; }
  ConnectionSlot(ConnectionSlot&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  ConnectionSlot& operator=(ConnectionSlot&&) = delete;
  ConnectionSlot(const ConnectionSlot&) = delete;
  ConnectionSlot& operator=(const ConnectionSlot&) = delete;
  ~ConnectionSlot() {
    if (count_ != nullptr) --*count_;
  }

 private:
  std::atomic<std::size_t>* count_;
};

}  // namespace linnet::net
