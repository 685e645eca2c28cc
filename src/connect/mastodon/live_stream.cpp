#include "connect/mastodon/live_stream.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/log.hpp"
#include "net/websocket_client.hpp"

namespace linnet::connect::mastodon {
namespace {

constexpr int kAccepted = 101;

std::string place_token(net::Headers& headers, const std::string& token, bool as_subprotocol) {
  if (token.empty()) return {};
  if (as_subprotocol) return token;
  headers.add("Authorization", "Bearer " + token);
  return {};
}

}  // namespace

LiveStream::LiveStream(net::EventSource& events, RequestBudget& budget, Clock& clock,
                       LiveStreamOptions options)
    : events_(events), budget_(budget), clock_(clock), options_(std::move(options)) {}

Error LiveStream::refused(const Error& error) const {
  if (error.kind != ErrorKind::denied) return error;
  if (options_.token.empty()) {
    return Error::of(ErrorKind::denied,
                     fmt::format("the server does not let guests follow this stream{}{}",
                                 options_.sign_in_hint.empty() ? "" : ": ", options_.sign_in_hint));
  }
  return Error::of(
      ErrorKind::denied,
      fmt::format("the server does not let this account follow the stream: sign in again ({})", error.safe));
}

Status LiveStream::follow(const StreamKind& kind, const LiveStreamHandlers& handlers,
                          const std::stop_token& stop) {
  LINNET_CHECK(budget_.wait(Priority::normal, stop));
  if (options_.try_web_socket && !prefers_server_events_) {
    int status = 0;
    auto ended = follow_web_socket(kind, handlers, stop, false, status);
    // Pleroma and GoToSocial take the token from the subprotocol.
    if (!options_.token.empty() && (status == 401 || status == 403)) {
      ended = follow_web_socket(kind, handlers, stop, true, status);
    }
    if (ended.error().kind == ErrorKind::denied) return refused(ended.error());
    const bool tells_nothing = status == 0 || status == kAccepted || status == 429 || status == 503;
    if (tells_nothing || stop.stop_requested()) return ended;
    log::info("{}: no WebSocket ({}), trying server-sent events", options_.streaming_url, status);
  }
  auto ended = follow_server_events(kind, handlers, stop);
  return ended.error().kind == ErrorKind::denied ? Status(refused(ended.error())) : ended;
}

Status LiveStream::follow_web_socket(const StreamKind& kind, const LiveStreamHandlers& handlers,
                                     const std::stop_token& stop, bool token_as_subprotocol, int& status) {
  net::WebSocketRequest request;
  request.url = net::with_query(options_.streaming_url + "/api/v1/streaming", kind.subscription());
  request.subprotocol = place_token(request.headers, options_.token, token_as_subprotocol);
  request.ping_every = options_.ping_every;
  request.max_message_bytes = options_.max_event_bytes;
  net::WebSocketHandshake answer;
  auto connected = net::WebSocketClient::connect(request, stop, &answer);
  status = answer.status;
  // A streaming server in trouble says nothing about the API beside it: only a plain «too many» holds for
  // both.
  if (answer.status == 429) budget_.on_response(answer.status, answer.headers);
  if (!connected) return connected.error();
  auto& socket = *connected;
  handlers.on_open("websocket");
  while (true) {
    LINNET_TRY(auto message, socket.read(options_.idle_tick, stop));
    if (!message) {
      LINNET_CHECK(handlers.on_idle());
      continue;
    }
    if (message->data.find_first_not_of(" \t\r\n") == std::string::npos) continue;  // Pleroma's heartbeat
    LINNET_TRY(auto event, read_frame(message->data, clock_.now()));
    LINNET_CHECK(handlers.on_event(std::move(event)));
  }
}

Status LiveStream::follow_server_events(const StreamKind& kind, const LiveStreamHandlers& handlers,
                                        const std::stop_token& stop) {
  net::EventStreamRequest request;
  request.http.url =
      "http" + options_.streaming_url.substr(2) + "/api/v1/streaming" + kind.event_stream_path();
  if (!options_.token.empty()) request.http.headers.add("Authorization", "Bearer " + options_.token);
  request.idle_timeout = options_.idle_timeout;
  request.max_event_bytes = options_.max_event_bytes;
  request.on_open = [&] {
    prefers_server_events_ = true;
    handlers.on_open("server-sent events");
  };
  return events_.stream(
      request,
      [&](const net::ServerEvent& event) {
        return handlers.on_event(read_server_event(event.type, event.data, clock_.now()));
      },
      stop);
}

}  // namespace linnet::connect::mastodon
