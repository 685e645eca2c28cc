// One connection to Discord's gateway: identifies, or resumes where the last one came to, keeps it alive, and
// hands on what is told as lines of the log. What was missed while no session could be resumed is read from
// the servers' channels, beside.
//
// Dispatches are numbered. One that comes again is passed over; where one is missing or comes too early the
// connection is given up, and the next one resumes behind the last that was taken: none is lost, none handed
// on twice.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.hpp"
#include "connect/connector_health.hpp"
#include "connect/discord/channel_history.hpp"
#include "connect/discord/gateway_frame.hpp"
#include "connect/discord/gateway_place.hpp"
#include "connect/discord/rest_client.hpp"
#include "connect/discord/seen_messages.hpp"
#include "connect/discord/zlib_stream.hpp"
#include "net/backoff.hpp"
#include "net/websocket_client.hpp"

namespace linnet::connect::discord {

// Discord takes one new session in five seconds, of all shards.
class IdentifyTurns {
 public:
  explicit IdentifyTurns(Clock& clock) : clock_(clock) {}
  // Waits for a turn; false when stopped.
  bool wait(const std::stop_token& stop);

 private:
  Clock& clock_;
  Guarded<Instant> next_{Instant()};
};

// All references, and what the functions use, outlive the shard. The functions are called from its threads.
struct ShardNeeds {
  Clock& clock;
  RestClient& rest;
  SeenMessages& seen;
  HealthBoard& health;
  IdentifyTurns& turns;
  std::string token;
  ShardName shard;
  std::function<double()> random;
  std::function<bool(std::string_view server)> is_watched;
  // An error ends the shard: nothing more will be taken.
  std::function<Status(std::vector<std::string> lines, const ShardPlace& place)> hand_on;
  std::function<void(std::string_view data, const std::stop_token& stop)> on_interaction;
  std::function<void(std::string_view application, const std::stop_token& stop)> on_ready;
  net::BackoffOptions backoff = {};
  Duration retry_refused_after = std::chrono::minutes{30};
  Duration overlap = std::chrono::minutes{1};  // clocks differ, and what was written just now comes late
};

class GatewayShard {
 public:
  GatewayShard(ShardNeeds needs, ShardPlace place);

  // Blocks until stopped, or until nothing more is taken. Call once.
  void run(const std::stop_token& stop);
  // A new session tells all servers anew. From any thread.
  void begin_anew() { wants_anew_ = true; }

 private:
  struct Following;
  Status follow(const std::stop_token& stop);
  Result<std::string> address(const std::stop_token& stop);
  Status listen(net::WebSocketClient& socket, Following& following, const std::stop_token& stop);
  Status beat(net::WebSocketClient& socket, Following& following, const std::stop_token& stop);
  Status take(const net::WebSocketMessage& message, net::WebSocketClient& socket, Following& following,
              const std::stop_token& stop);
  Status take_frame(std::string_view text, net::WebSocketClient& socket, Following& following,
                    const std::stop_token& stop);
  Status greet(std::string_view hello, net::WebSocketClient& socket, Following& following,
               const std::stop_token& stop);
  Status take_dispatch(const Frame& frame, Following& following, const std::stop_token& stop);
  Status check_order(std::int64_t seq, bool& is_repeat);
  Status begin_session(std::string_view ready, Following& following, const std::stop_token& stop);
  void keep_line(const Frame& frame);
  Status hand_on(Following& following, bool is_last);
  Status hand_on(std::vector<std::string> lines, const std::function<void(ShardPlace&)>& change);
  void fill_gap(const std::string& application);
  void read_what_was_missed(const std::stop_token& stop);
  void forget_session();
  void rest_after(const Error& error, const std::stop_token& stop);

  const ShardNeeds needs_;
  FrameReader frames_;
  simdjson::ondemand::parser parser_;
  net::Backoff backoff_;
  Guarded<ShardPlace> place_;  // held while lines are handed on: what is saved is what was handed on
  // Of the session that goes on; what was taken may be in `pending_` still.
  std::string session_;
  std::string url_;
  std::int64_t seq_ = 0;
  std::optional<std::int64_t> jumped_after_;  // one was missing behind it, and was not sent again
  Instant heard_at_{};
  std::vector<std::string> pending_;
  AfterClose next_ = AfterClose::resume;
  Duration least_wait_{0};
  bool asks_for_content_ = true;
  bool asks_for_members_ = true;
  bool has_greeted_ = false;  // on_ready was called
  std::atomic<bool> wants_anew_{false};
  std::optional<Error> sink_error_;
  std::jthread gap_;  // last: it uses the others
};

}  // namespace linnet::connect::discord
