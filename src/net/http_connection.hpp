// One client of the HTTP server. Private to this library.
#pragma once

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "net/server_context.hpp"

namespace linnet::net {

// Lives on one shard's thread, held by its coroutine.
class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  HttpConnection(ServerContext& context, ServerShard& shard, IoSocket socket, ConnectionSlot slot,
                 bool is_refused);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Serves until the client is gone. Call once, on the shard's thread.
  void start();
  // Ends what takes too long.
  void check_deadline(Time now);
  // The server stops: ends at once when nothing is asked, else after the answer.
  void begin_stop();

 private:
  using Body = boost::beast::http::string_body;
  using Parser = boost::beast::http::request_parser<Body>;
  template <typename T>
  using Task = boost::asio::awaitable<T, IoExecutor>;
  enum class Phase { idle, reading, working, writing, closing };
  enum class Step { need_more, complete, failed };

  Task<void> run();
  Task<bool> serve_one();
  Task<void> read_more();
  Task<void> send_out(std::string_view body);
  Task<void> linger();
  Task<Response> answer(const Request& request);
  Task<Response> answer_by_worker(const Request& request);

  void begin_request();
  Step parse();
  Step fail(int status, std::string_view detail);
  bool check_head();
  bool check_complete();
  bool wants_continue();
  [[nodiscard]] bool wants_websocket(const Request& request, const std::shared_ptr<LiveHub::State>& hub);
  [[nodiscard]] std::shared_ptr<LiveHub::State> find_hub(std::string_view path) const;
  void enter(Phase phase, Duration longest);
  void close();

  ServerContext& context_;
  ServerShard& shard_;
  IoSocket socket_;
  std::optional<ConnectionSlot> slot_;
  const bool is_refused_;
  std::string remote_;
  bool is_from_proxy_ = false;  // whose word on the sender is taken
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<Response> refusal_;  // why the request is not served; the connection ends after it
  bool head_checked_ = false;
  bool sent_continue_ = false;
  bool is_head_request_ = false;
  bool has_timed_out_ = false;
  bool is_broken_ = false;
  bool is_handed_over_ = false;  // to a WebSocket listener
  std::string out_;
  Phase phase_ = Phase::idle;
  Time deadline_ = Time::max();
};

}  // namespace linnet::net
