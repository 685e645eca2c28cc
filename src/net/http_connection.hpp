// One client of the HTTP server. Private to this library.
#pragma once

#include <boost/asio.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "net/request_intake.hpp"
#include "net/server_context.hpp"
#include "net/trusted_proxies.hpp"

namespace linnet::net {

// Lives on one shard's thread, held by its coroutine.
class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `is_reserve`: beyond the usual number, and only to ask for what is urgent.
  HttpConnection(ServerContext& context, ServerShard& shard, IoSocket socket, ConnectionSlot slot,
                 bool is_reserve);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Serves until the client is gone. Call once, on the shard's thread.
  void start();
  // Ends what takes too long.
  void check_deadline(Time now);
  // The server stops: ends at once when nothing is asked, else after the answer.
  void begin_stop();

  // How readily it gives way to a new one; nullopt: not at all, somebody works for it.
  enum class GivesWay { first, when_no_other_does };
  [[nodiscard]] std::optional<GivesWay> gives_way() const;
  [[nodiscard]] bool is_reserve() const { return is_reserve_; }
  // Since when it does what it does.
  [[nodiscard]] Time since() const { return since_; }
  void give_way() { close(); }

 private:
  template <typename T>
  using Task = boost::asio::awaitable<T, IoExecutor>;
  enum class Phase { idle, head, judging, body, working, writing, closing };
  using Step = RequestIntake::Step;

  Task<void> run();
  Task<bool> serve_one();
  Task<void> receive();
  Task<void> judge_head();
  Task<void> take_body_in();
  Task<void> read_more();
  Task<void> send_out(std::string_view body);
  Task<void> linger();
  Task<Response> answer(const Request& request);
  Task<bool> open_websocket(const Request& request, std::shared_ptr<LiveHub::State> hub);

  void begin_request();
  [[nodiscard]] Duration head_time() const;
  void fail(int status, std::string_view detail);
  void check_head();
  void look_at_sender();
  void count_body();
  bool wants_continue();
  bool may_open_websocket(const Request& request, const LiveHub::State& hub);
  [[nodiscard]] Request request_with(const HeaderSource& fields, std::string_view body) const;
  [[nodiscard]] std::shared_ptr<LiveHub::State> find_hub(std::string_view path) const;
  [[nodiscard]] Lane lane_of(const Request& request) const;
  [[nodiscard]] Crew& crew_of(const Request& request);
  void enter(Phase phase, Duration longest);
  void close();

  ServerContext& context_;
  ServerShard& shard_;
  IoSocket socket_;
  std::optional<ConnectionSlot> slot_;
  const bool is_reserve_;
  std::string remote_;
  bool is_from_proxy_ = false;  // whose word on the sender is taken
  RequestIntake intake_;
  std::optional<Response> refusal_;  // why the request is not served; the connection ends after it
  Sender sender_;
  bool is_cross_site_ = false;
  std::optional<Admission> admission_;
  std::size_t counted_body_ = 0;
  bool sent_continue_ = false;
  bool has_timed_out_ = false;
  bool is_broken_ = false;
  bool is_handed_over_ = false;  // to a WebSocket listener
  std::string out_;
  Phase phase_ = Phase::idle;
  Time since_ = std::chrono::steady_clock::now();
  Time deadline_ = Time::max();
};

}  // namespace linnet::net
