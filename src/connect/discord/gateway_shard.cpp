#include "connect/discord/gateway_shard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/json_members.hpp"
#include "base/log.hpp"
#include "connect/discord/events.hpp"
#include "connect/discord/snowflake.hpp"
#include "net/url.hpp"

namespace linnet::connect::discord {
namespace {

constexpr std::size_t kLargestPiece = 16U << 20U;
constexpr std::size_t kLargestFrame = 64U << 20U;  // a server with very many channels and threads
constexpr auto kHandOnAfter = std::chrono::milliseconds{100};
constexpr auto kSaveEvery = std::chrono::seconds{5};
constexpr auto kTick = std::chrono::milliseconds{500};
constexpr std::size_t kBatch = 200;  // lines

std::int64_t number_in(const boost::json::object& object, std::string_view name, std::int64_t otherwise) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->as_int64() : otherwise;
}

}  // namespace

bool IdentifyTurns::wait(const std::stop_token& stop) {
  constexpr auto kBetween = std::chrono::seconds{5};
  const auto turn = next_.with([&](Instant& next) {
    const auto mine = std::max(next, clock_.now());
    next = mine + kBetween;
    return mine;
  });
  return turn <= clock_.now() || clock_.sleep_until(turn, stop);
}

// From the opening of a connection to its end.
struct GatewayShard::Following {
  ZlibStream inflater{kLargestFrame};
  Duration interval{0};  // of heartbeats; 0 before hello
  Instant beat_at{};
  bool is_acknowledged = true;
  bool is_live = false;
  Instant handed_on_at{};
  Instant saved_at{};
};

GatewayShard::GatewayShard(ShardNeeds needs, ShardPlace place)
    : needs_(std::move(needs)),
      backoff_(needs_.backoff, needs_.random),
      place_(place),
      session_(place.session),
      url_(place.url),
      seq_(place.seq),
      heard_at_(place.at) {}

void GatewayShard::forget_session() {
  session_.clear();
  url_.clear();
  seq_ = 0;
}

Result<std::string> GatewayShard::address(const std::stop_token& stop) {
  if (wants_anew_.exchange(false)) forget_session();
  if (!session_.empty() && !url_.empty()) return url_;
  forget_session();
  LINNET_TRY(const auto told, needs_.rest.ask({"GET", "/gateway/bot"}, stop));
  const auto* const object = told.if_object();
  auto url = object == nullptr ? std::string() : text_in(*object, "url");
  if (url.empty()) return unavailable("Discord does not say where its gateway is");
  const auto* const starts = object_in(*object, "session_start_limit");
  if (starts != nullptr && number_in(*starts, "remaining", 1) <= 0) {
    least_wait_ = std::chrono::milliseconds{number_in(*starts, "reset_after", 60'000)};
    return Error::of(ErrorKind::rate_limited, "Discord lets the bot begin no more sessions for a while");
  }
  if (!needs_.turns.wait(stop)) return Error::of(ErrorKind::cancelled, "stopped");
  return url;
}

Status GatewayShard::follow(const std::stop_token& stop) {
  next_ = AfterClose::resume;
  least_wait_ = Duration{0};
  LINNET_TRY(const auto url, address(stop));
  net::WebSocketRequest request;
  request.url = net::with_query(url, {{"v", "10"}, {"encoding", "json"}, {"compress", "zlib-stream"}});
  request.ping_every = std::chrono::minutes{10};  // its own heartbeats tell sooner
  request.max_message_bytes = kLargestPiece;
  LINNET_TRY(auto socket, net::WebSocketClient::connect(request, stop));
  Following following;
  following.handed_on_at = following.saved_at = needs_.clock.now();
  auto ended = listen(socket, following, stop);
  if (const auto code = socket.close_code(); !ended && code != 0) {
    next_ = after_close(code);
    const auto words = words_for_close(code);
    ended = unavailable(words.empty() ? fmt::format("the gateway closed the connection ({})", code)
                                      : std::string(words));
  }
  // Dropped without a goodbye: after one Discord would forget the session.
  return ended;
}

Status GatewayShard::listen(net::WebSocketClient& socket, Following& following, const std::stop_token& stop) {
  const auto opened = needs_.clock.now();
  while (true) {
    const Duration wait = pending_.empty() ? Duration(kTick) : Duration(kHandOnAfter);
    LINNET_TRY(const auto message, socket.read(wait, stop));
    if (message) LINNET_CHECK(take(*message, socket, following, stop));
    LINNET_CHECK(hand_on(following, false));
    if (wants_anew_) return unavailable("what is watched changed: all is asked for anew");
    if (following.interval == Duration{0}) {
      if (needs_.clock.now() - opened > std::chrono::seconds{30})
        return unavailable("the gateway says nothing");
    } else if (needs_.clock.now() >= following.beat_at) {
      LINNET_CHECK(beat(socket, following, stop));
    }
  }
}

Status GatewayShard::beat(net::WebSocketClient& socket, Following& following, const std::stop_token& stop) {
  if (!following.is_acknowledged) return unavailable("the gateway no longer answers heartbeats");
  following.is_acknowledged = false;
  following.beat_at = needs_.clock.now() + following.interval;
  return socket.send_text(heartbeat_frame(seq_ > 0 ? std::optional(seq_) : std::nullopt), stop);
}

Status GatewayShard::take(const net::WebSocketMessage& message, net::WebSocketClient& socket,
                          Following& following, const std::stop_token& stop) {
  if (!message.binary) return take_frame(message.data, socket, following, stop);
  LINNET_TRY(const auto text, following.inflater.take(message.data));
  return text ? take_frame(*text, socket, following, stop) : Status();
}

Status GatewayShard::take_frame(std::string_view text, net::WebSocketClient& socket, Following& following,
                                const std::stop_token& stop) {
  LINNET_TRY(const auto frame, frames_.read(text));
  switch (static_cast<Op>(frame.op)) {
    case Op::dispatch:
      heard_at_ = needs_.clock.now();
      return take_dispatch(frame, following, stop);
    case Op::heartbeat:
      following.is_acknowledged = true;  // it lives
      return beat(socket, following, stop);
    case Op::heartbeat_ack:
      following.is_acknowledged = true;
      if (following.is_live) heard_at_ = needs_.clock.now();
      return {};
    case Op::hello:
      return greet(frame.data, socket, following, stop);
    case Op::reconnect:
      return unavailable("the gateway asks for a new connection");
    case Op::invalid_session:
      if (frame.data != "true") next_ = AfterClose::begin_anew;
      // One to five seconds, as Discord asks.
      least_wait_ = std::chrono::milliseconds{1'000 + static_cast<int>(needs_.random() * 4'000)};
      return unavailable("the session is no longer known to the gateway");
    default:
      return {};  // what is to come
  }
}

Status GatewayShard::greet(std::string_view hello, net::WebSocketClient& socket, Following& following,
                           const std::stop_token& stop) {
  const auto interval = number_in(parse_object(hello), "heartbeat_interval", 0);
  if (interval <= 0) return invalid("the gateway names no interval of heartbeats");
  following.interval = std::chrono::milliseconds{interval};
  // The first at a random moment, so that not all clients of the world come at once.
  following.beat_at =
      needs_.clock.now() +
      std::chrono::milliseconds{static_cast<std::int64_t>(static_cast<double>(interval) * needs_.random())};
  if (!session_.empty()) return socket.send_text(resume_frame(needs_.token, session_, seq_), stop);
  auto wanted = intents::kUnprivileged;
  if (asks_for_content_) wanted |= intents::kContent;
  if (asks_for_members_) wanted |= intents::kMembers;
  return socket.send_text(identify_frame(needs_.token, wanted, needs_.shard), stop);
}

Status GatewayShard::check_order(std::int64_t seq, bool& is_repeat) {
  is_repeat = !session_.empty() && seq <= seq_;
  if (is_repeat || session_.empty() || seq == seq_ + 1 || jumped_after_ == seq_) return {};
  // Resumed behind the last one, the gateway sends what is missing; unless there is none.
  jumped_after_ = seq_;
  return unavailable(fmt::format("dispatch {} came behind {}: what is between is asked for", seq, seq_));
}

Status GatewayShard::take_dispatch(const Frame& frame, Following& following, const std::stop_token& stop) {
  if (!frame.seq) return invalid("a dispatch of the gateway: s: expected its number, got nothing");
  bool is_repeat = false;
  LINNET_CHECK(check_order(*frame.seq, is_repeat));
  if (is_repeat) return {};
  if (frame.event == "READY") LINNET_CHECK(begin_session(frame.data, following, stop));
  if (session_.empty()) return invalid("a dispatch of the gateway came before it said READY");
  seq_ = *frame.seq;
  if (frame.event == "RESUMED") {
    following.is_live = true;
    backoff_.on_connected(needs_.clock.now());
    needs_.health.enter(ConnectorState::live, needs_.clock.now());
    if (place_.with([](const ShardPlace& place) { return place.has_gap; }) && !gap_.joinable()) fill_gap("");
  } else if (frame.event == "INTERACTION_CREATE") {
    if (needs_.on_interaction) needs_.on_interaction(frame.data, stop);
  } else if (is_read(frame.event)) {
    keep_line(frame);
  }
  return {};
}

Status GatewayShard::begin_session(std::string_view ready, Following& following,
                                   const std::stop_token& /*stop*/) {
  const auto object = parse_object(ready);
  session_ = text_in(object, "session_id");
  url_ = text_in(object, "resume_gateway_url");
  if (session_.empty()) return invalid("READY: session_id: expected text, got nothing");
  const auto* const application = object_in(object, "application");
  following.is_live = true;
  backoff_.on_connected(needs_.clock.now());
  needs_.health.update([&](ConnectorHealth& health) {
    health.transport = asks_for_content_ ? "websocket, zlib" : "websocket, zlib; without what is written";
  });
  needs_.health.enter(ConnectorState::live, needs_.clock.now(),
                      asks_for_content_ ? "" : std::string(words_for_close(4014)));
  place_.with([](ShardPlace& place) { place.has_gap = true; });
  fill_gap(application == nullptr ? std::string() : text_in(*application, "id"));
  return {};
}

// Of direct messages nothing is kept here: they are read under consent, by themselves.
void GatewayShard::keep_line(const Frame& frame) {
  const simdjson::padded_string text(frame.data);
  simdjson::ondemand::document document;
  std::string_view server;
  std::string_view id;
  const bool is_about_server =
      frame.event == "GUILD_CREATE" || frame.event == "GUILD_UPDATE" || frame.event == "GUILD_DELETE";
  if (parser_.iterate(text).get(document) != simdjson::SUCCESS ||
      document[is_about_server ? "id" : "guild_id"].get_string().get(server) != simdjson::SUCCESS ||
      !needs_.is_watched(server))
    return;
  if (frame.event == "MESSAGE_CREATE" && document["id"].get_string().get(id) == simdjson::SUCCESS) {
    const auto number = parse_snowflake(id);
    if (number && !needs_.seen.add(*number)) return;
  }
  pending_.push_back(line_of(needs_.clock.now(), frame.event, frame.data));
}

Status GatewayShard::hand_on(std::vector<std::string> lines, const std::function<void(ShardPlace&)>& change) {
  const auto count = lines.size();
  const auto done = place_.with([&](ShardPlace& place) -> Status {
    auto next = place;
    change(next);
    LINNET_CHECK(needs_.hand_on(std::move(lines), next));
    place = std::move(next);
    return {};
  });
  if (!done || count == 0) return done;
  needs_.health.update([&](ConnectorHealth& health) {
    health.events += count;
    health.last_event_at = needs_.clock.now();
  });
  return {};
}

// Lines go in batches, each with the place behind it.
Status GatewayShard::hand_on(Following& following, bool is_last) {
  const auto now = needs_.clock.now();
  const bool is_due = pending_.size() >= kBatch || now - following.handed_on_at >= kHandOnAfter;
  const bool saves = now - following.saved_at >= kSaveEvery;
  if (!is_last && !(saves || (is_due && !pending_.empty()))) return {};
  const auto done = hand_on(std::exchange(pending_, {}), [this](ShardPlace& place) {
    place.session = session_;
    place.url = url_;
    place.seq = seq_;
    if (!place.has_gap) place.at = heard_at_;
  });
  following.handed_on_at = following.saved_at = now;
  if (!done) sink_error_ = done.error();
  return done;
}

void GatewayShard::fill_gap(const std::string& application) {
  gap_ = {};  // one that goes on begins again: `at` is where it began
  const bool greets = !application.empty() && !has_greeted_;
  has_greeted_ = has_greeted_ || greets;
  gap_ = std::jthread([this, application, greets](const std::stop_token& stop) {
    if (greets && needs_.on_ready) needs_.on_ready(application, stop);
    read_what_was_missed(stop);
  });
}

void GatewayShard::read_what_was_missed(const std::stop_token& stop) {
  net::Backoff backoff(needs_.backoff, needs_.random);
  const auto from = place_.with([](const ShardPlace& place) { return place.at; });
  const GapWanted wanted{first_snowflake_at(from - needs_.overlap), needs_.shard, needs_.is_watched};
  const auto take = [this](std::vector<ReadMessage> messages) {
    std::vector<std::string> lines;
    for (const auto& message : messages)
      if (needs_.seen.add(message.id))
        lines.push_back(line_of(needs_.clock.now(), "MESSAGE_CREATE", message.payload));
    const auto count = lines.size();
    needs_.health.update([&](ConnectorHealth& health) { health.gap_events += count; });
    return hand_on(std::move(lines), [](ShardPlace&) {});
  };
  while (!stop.stop_requested()) {
    const auto trouble = read_gap(needs_.rest, wanted, take, stop);
    if (trouble) {
      if (!trouble->empty()) log::warn("discord: {}", *trouble);
      const auto closed = hand_on({}, [](ShardPlace& place) { place.has_gap = false; });
      if (!closed) return;
      needs_.health.update([](ConnectorHealth& health) { ++health.gaps_filled; });
      needs_.health.announce();
      return;
    }
    if (stop.stop_requested()) return;
    log::warn("discord: what was missed cannot be read just now: {}", trouble.error().message);
    needs_.clock.sleep_for(backoff.on_failure(needs_.clock.now()), stop);
  }
}

void GatewayShard::rest_after(const Error& error, const std::stop_token& stop) {
  const auto now = needs_.clock.now();
  if (next_ == AfterClose::begin_anew) forget_session();
  if (next_ == AfterClose::ask_for_less) {
    // Who the members are first, then what is written.
    (asks_for_members_ ? asks_for_members_ : asks_for_content_) = false;
    forget_session();
  }
  const bool is_refused = next_ == AfterClose::give_up || error.kind == ErrorKind::denied;
  const auto wait = backoff_.on_failure(now, is_refused ? needs_.retry_refused_after : least_wait_);
  log::warn("discord, shard {}: {}; again in {} s", needs_.shard.index, error.message,
            std::chrono::duration_cast<std::chrono::seconds>(wait).count());
  needs_.health.update([](ConnectorHealth& health) { ++health.reconnects; });
  needs_.health.enter(is_refused ? ConnectorState::failed : ConnectorState::backing_off, now, error.safe);
  needs_.clock.sleep_for(wait, stop);
}

void GatewayShard::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    needs_.health.enter(ConnectorState::connecting, needs_.clock.now(), needs_.health.snapshot().last_error);
    const auto ended = follow(stop);
    Following last;
    // What was read is handed on before the next connection begins behind it.
    if (!sink_error_) static_cast<void>(hand_on(last, true));
    if (sink_error_) {
      needs_.health.enter(ConnectorState::failed, needs_.clock.now(),
                          fmt::format("what comes in cannot be stored: {}", sink_error_->safe));
      break;
    }
    if (!stop.stop_requested()) rest_after(ended.error(), stop);
  }
  gap_ = {};
  if (!sink_error_) needs_.health.enter(ConnectorState::stopped, needs_.clock.now());
}

}  // namespace linnet::connect::discord
