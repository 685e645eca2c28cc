// Pages a timeline back to what was seen last, so that nothing is missed while a stream was away.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "connect/mastodon/api_client.hpp"

namespace linnet::connect::mastodon {

struct GapOptions {
  int page_size = 40;
  // Read again from this much before the last status seen: posts that come from other servers late get older
  // ids.
  Duration overlap = std::chrono::minutes{5};
  int overlap_pages = 2;  // the same, on servers whose ids do not hold the time
  std::size_t most = 40'000;
};

struct GapOutcome {
  std::size_t read = 0;
  std::string newest;    // the greatest id seen; empty when there was none
  bool was_cut = false;  // more than `most`
};

// Not thread-safe; one thread at a time.
class GapFiller {
 public:
  // Takes one page. With a cursor, everything up to it has been handed on.
  using OnPage = std::function<Status(std::vector<RawStatus> statuses, std::optional<std::string> cursor)>;

  GapFiller(ApiClient& api, StreamKind kind, GapOptions options)
      : api_(api), kind_(std::move(kind)), options_(options) {}

  // Everything newer than `last_seen`, from the oldest on where the server can do that (min_id), so that an
  // interrupted filling goes on where it was; else from the newest down.
  Result<GapOutcome> fill(const std::string& last_seen, const OnPage& on_page, const std::stop_token& stop);
  // The newest `depth` statuses, at least one: where a first start begins.
  Result<GapOutcome> start(std::size_t depth, const OnPage& on_page, const std::stop_token& stop);

 private:
  Status fill_upwards(const std::string& floor, const std::string& last_seen, const OnPage& on_page,
                      const std::stop_token& stop, GapOutcome& outcome, bool& is_refused);
  Status fill_downwards(const std::optional<std::string>& max_id, const std::optional<std::string>& floor,
                        std::size_t most_pages, std::size_t most, const OnPage& on_page,
                        const std::stop_token& stop, GapOutcome& outcome);
  Result<bool> honours_min_id(const StatusPage& first_page, const std::string& floor,
                              const std::stop_token& stop);

  ApiClient& api_;
  StreamKind kind_;
  GapOptions options_;
  std::optional<bool> has_min_id_;
};

}  // namespace linnet::connect::mastodon
