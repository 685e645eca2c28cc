// The server's side of one WebSocket, and the listeners of one I/O thread. Private to this library.
#pragma once

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/guarded.hpp"
#include "net/live_hub.hpp"
#include "net/server_context.hpp"

namespace linnet::net {

class LiveListener;
using SharedText = std::shared_ptr<const std::string>;

// The listeners of one hub on one I/O thread. broadcast() and end() are for any thread, everything else for
// that one.
class LiveShard final : public std::enable_shared_from_this<LiveShard> {
 public:
  explicit LiveShard(boost::asio::io_context& io) : io_(io) {}

  void broadcast(std::string_view topic, const SharedText& message);
  void add(LiveListener& listener) { listeners_.insert(&listener); }
  void remove(LiveListener& listener);
  // Something waits in the listener's queue: it is written in its turn.
  void want_flush(LiveListener& listener);
  void close_all();
  // For any thread: closes those who came in by this pass.
  void end(const std::string& pass, std::string reason);
  [[nodiscard]] boost::asio::io_context& io() { return io_; }

 private:
  struct Item {
    std::string topic;
    SharedText message;
  };
  struct Inbox {
    std::deque<Item> items;
    std::uint64_t lost = 0;
    bool is_scheduled = false;
  };

  void deliver();
  void flush_some();
  [[nodiscard]] std::vector<std::shared_ptr<LiveListener>> all() const;

  boost::asio::io_context& io_;
  Guarded<Inbox> inbox_;
  std::unordered_set<LiveListener*> listeners_;
  std::deque<std::weak_ptr<LiveListener>> to_flush_;
  bool is_flushing_ = false;
};

class LiveHub::State final : public std::enable_shared_from_this<LiveHub::State> {
 public:
  explicit State(LiveHubOptions wanted) : options(std::move(wanted)) {}

  const LiveHubOptions options;
  std::atomic<std::size_t> listeners{0};
  std::atomic<std::uint64_t> dropped{0};
  Guarded<std::map<std::string, std::size_t>> passes;  // how many came in by each
  Guarded<std::vector<std::shared_ptr<LiveShard>>> shards;

  // The shard of an I/O thread, made when it is first asked for. Server shards detach before their io_context
  // ends.
  std::shared_ptr<LiveShard> shard_of(boost::asio::io_context& io);
  void detach(boost::asio::io_context& io);
};

// Counts a listener's pass for as long as it lives.
class PassSlot {
 public:
  PassSlot(std::shared_ptr<LiveHub::State> hub, std::string pass);
  ~PassSlot();
  PassSlot(const PassSlot&) = delete;
  PassSlot& operator=(const PassSlot&) = delete;
  [[nodiscard]] const std::string& pass() const { return pass_; }

 private:
  std::shared_ptr<LiveHub::State> hub_;
  std::string pass_;
};

class LiveListener final : public std::enable_shared_from_this<LiveListener> {
 public:
  using Upgrade = boost::beast::http::request<boost::beast::http::empty_body>;

  LiveListener(IoSocket socket, boost::asio::io_context& io, std::shared_ptr<LiveHub::State> hub,
               LiveHubOptions::Guest guest, ConnectionSlot slot);
  ~LiveListener();
  LiveListener(const LiveListener&) = delete;
  LiveListener& operator=(const LiveListener&) = delete;

  void accept(Upgrade request, const Headers& static_headers);
  [[nodiscard]] const std::string& pass() const { return pass_.pass(); }
  [[nodiscard]] bool wants(std::string_view topic, std::string_view message) const;
  void enqueue(SharedText message);
  // Messages that did not even reach the queue.
  void lose(std::uint64_t count);
  void flush();
  void close(boost::beast::websocket::close_code code, std::string_view reason);

 private:
  void read_next();
  void take_text(std::string_view text);
  void end();
  void end_soon();

  boost::beast::websocket::stream<IoSocket, false> ws_;
  std::shared_ptr<LiveHub::State> hub_;
  std::shared_ptr<LiveShard> shard_;
  LiveHubOptions::Filter filter_;
  PassSlot pass_;
  ConnectionSlot slot_;
  ConnectionSlot counted_;
  Upgrade upgrade_;
  boost::beast::flat_buffer incoming_;
  boost::asio::steady_timer patience_;  // for one that is to go and does not
  std::deque<SharedText> queue_;
  SharedText current_;
  std::uint64_t dropped_ = 0;
  bool is_open_ = false;
  bool is_writing_ = false;
  bool waits_for_flush_ = false;
  bool is_closing_ = false;
  // Why, when it was to be closed before it was open.
  boost::beast::websocket::close_reason early_close_;
};

}  // namespace linnet::net
