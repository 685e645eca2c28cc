// Reads a timeline, or all an account has posted, from the newest down. Resumable.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "connect/event_sink.hpp"
#include "connect/mastodon/api_client.hpp"
#include "connect/source.hpp"
#include "net/backoff.hpp"

namespace linnet::connect::mastodon {

struct AccountHistory {
  std::string account_id;
};

struct BackfillRequest {
  std::variant<StreamKind, AccountHistory> of;
  // Where an earlier run came to: the last cursor that the sink got.
  std::optional<std::string> resume;
  std::size_t most = 0;  // statuses in this run; 0 for all there are
  int attempts = 8;      // of one page while the server does not answer
  net::BackoffOptions backoff = {};
};

// The cursor that the sink gets is the id of the oldest status read, or `kBackfillDone`. An `on_progress`
// that is not empty is called after each page. Errors: those of the server that last, of the sink,
// `cancelled`.
inline constexpr std::string_view kBackfillDone = "done";
Result<BackfillProgress> backfill(ApiClient& api, EventSink& sink, Clock& clock,
                                  const std::function<double()>& random, const BackfillRequest& request,
                                  const std::function<void(const BackfillProgress&)>& on_progress,
                                  const std::stop_token& stop);

}  // namespace linnet::connect::mastodon
