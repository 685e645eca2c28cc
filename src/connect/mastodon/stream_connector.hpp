// Follows one stream of one server for as long as it is told to, without a gap.
//
// After every (re)connect the live stream is taken at once, and meanwhile the timeline is paged from the last
// status seen. The cursor, the id of the last status up to which everything was handed on, moves only when
// there is no hole behind it. What was edited during an outage is read again in the gap and carries its
// `edited_at`. What was deleted during an outage is not in the timeline any more: the count poller notices
// that (see count_poller.hpp), for posts of the last seven days.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "connect/connector_health.hpp"
#include "connect/event_sink.hpp"
#include "connect/mastodon/api_client.hpp"
#include "connect/mastodon/gap_filler.hpp"
#include "connect/mastodon/live_stream.hpp"
#include "net/backoff.hpp"

namespace linnet::connect::mastodon {

struct StreamConnectorOptions {
  StreamKind kind;
  std::optional<std::string> cursor;  // where the last run came to; nullopt on the first start
  // What was handed on after that was saved: id and `edited_at`, as written.
  std::vector<std::pair<std::string, std::string>> handed_on = {};
  std::size_t backfill = 0;  // how many statuses to read on the first start
  GapOptions gap = {};
  LiveStreamOptions live = {};  // streaming_url and token are filled in by the connector
  net::BackoffOptions backoff = {};
  // After a refusal: the server may change its mind, and a sign-in restarts the connector anyway.
  Duration retry_refused_after = std::chrono::minutes{30};
  // A second look after each gap, for what was published between the answer of the stream and its beginning.
  Duration settle = std::chrono::seconds{10};
  Duration save_cursor_every = std::chrono::seconds{5};
};

// The name under which the cursor of a stream is kept: "https://example.social public".
std::string connector_id(std::string_view base_url, const StreamKind& kind);

class StreamConnector {
 public:
  // All references outlive the connector. `random` gives numbers in [0, 1). `on_change` may be empty.
  StreamConnector(ApiClient& api, net::EventSource& events, EventSink& sink, Clock& clock,
                  std::function<double()> random, StreamConnectorOptions options,
                  std::function<void(const ConnectorHealth&)> on_change);
  ~StreamConnector();
  StreamConnector(const StreamConnector&) = delete;
  StreamConnector& operator=(const StreamConnector&) = delete;

  // Blocks until stopped, or until the sink takes nothing more: then the state is `failed`. Call once. While
  // a gap is being filled a second thread reads the timeline; it ends before this returns.
  void run(const std::stop_token& stop);

  // From any thread.
  [[nodiscard]] ConnectorHealth health() const;

 private:
  class Connection;
  Status connect_once(const std::stop_token& stop);
  [[nodiscard]] std::optional<Error> sink_error() const {
    return sink_error_.with([](const auto& error) { return error; });
  }
  [[nodiscard]] bool is_wanted(std::string_view acct) const {
    return options_.kind.has_posts_of(acct, api_.base_url());
  }
  void rest_after(const Error& error, const std::stop_token& stop);

  ApiClient& api_;
  net::EventSource& events_;
  EventSink& sink_;
  Clock& clock_;
  StreamConnectorOptions options_;
  HealthBoard health_;
  net::Backoff backoff_;
  std::function<double()> random_;
  GapFiller filler_;
  Guarded<std::optional<std::string>> cursor_;
  std::unique_ptr<LiveStream> live_;
  struct SeenStatuses;
  std::unique_ptr<SeenStatuses> seen_;
  Guarded<std::optional<Error>> sink_error_;  // set once: the sink takes nothing more
};

}  // namespace linnet::connect::mastodon
