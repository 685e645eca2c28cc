// Server-sent events (WHATWG HTML, section 9.2).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "net/curl_transport.hpp"
#include "net/http_transport.hpp"

namespace linnet::net {

struct ServerEvent {
  std::string type;  // "message" where the server named none
  std::string data;
  std::string last_event_id;
};

// Reads a stream that arrives in pieces cut anywhere. Pure; not thread-safe.
class EventParser {
 public:
  explicit EventParser(std::size_t max_event_bytes = 4U << 20, std::string last_event_id = {})
      : max_event_bytes_(max_event_bytes), id_(last_event_id), last_event_id_(std::move(last_event_id)) {}

  // Calls `on_event` for each event that is complete now; an error from it ends the feeding and is returned.
  // `invalid` when a line or an event grows beyond the limit: the parser is of no use after that.
  Status feed(std::string_view bytes, const std::function<Status(const ServerEvent&)>& on_event);

  [[nodiscard]] const std::string& last_event_id() const { return last_event_id_; }
  // The reconnection time the server asked for, if it did.
  [[nodiscard]] std::optional<Duration> retry() const { return retry_; }

 private:
  Status end_line(const std::function<Status(const ServerEvent&)>& on_event);
  void take_field(std::string_view name, std::string_view value);
  Status dispatch(const std::function<Status(const ServerEvent&)>& on_event);

  std::size_t max_event_bytes_;
  std::string line_;
  std::string type_;
  std::string data_;
  std::string id_;  // of the event being read; becomes last_event_id_ when it is dispatched
  std::string last_event_id_;
  std::optional<Duration> retry_;
  bool at_start_ = true;
  bool after_cr_ = false;
};

struct EventStreamRequest {
  HttpRequest http;  // its `timeout` is not used: a stream has no end; max_body_bytes is not either
  std::optional<Duration> most_time;  // of a stream that has an end: given up by then, however it drips
  std::string last_event_id;
  // Given up after this long without a byte; servers send a comment now and then as a heartbeat.
  Duration idle_timeout = std::chrono::seconds{90};
  std::size_t max_event_bytes = 4U << 20;
  std::function<void()>
      on_open;  // called once the server has answered 200 with an event stream; may be empty
};

// Blocking. An interface so that tests can play a stream.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // Returns only with an error: what `on_event` returned, `cancelled`, `unavailable` (ended by the server,
  // lost, idle for too long), or what the status means. `last_event_id` of the events tells where to go on.
  virtual Status stream(const EventStreamRequest& request,
                        const std::function<Status(const ServerEvent&)>& on_event, std::stop_token stop) = 0;
};

// Over libcurl. Thread-safe.
class CurlEventSource final : public EventSource {
 public:
  explicit CurlEventSource(CurlOptions options = {}) : options_(std::move(options)) {}
  Status stream(const EventStreamRequest& request, const std::function<Status(const ServerEvent&)>& on_event,
                std::stop_token stop) override;

 private:
  CurlOptions options_;
};

}  // namespace linnet::net
