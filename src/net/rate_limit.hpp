// When the next request to a server may go, from what its answers say.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/instant.hpp"
#include "net/headers.hpp"

namespace linnet::net {

// RFC 9110 HTTP-date, all three forms ("Sun, 06 Nov 1994 08:49:37 GMT"); nullopt for anything else.
std::optional<Instant> parse_http_date(std::string_view text);

struct RateLimitOptions {
  // Requests go at once while more than this share of the window's budget is left; the rest is spread evenly
  // to its end.
  double free_share = 0.5;
  // This many of the budget are left for other programs of the same account.
  std::int64_t reserve = 1;
  Duration penalty = std::chrono::seconds{60};  // after a 429 (or 503 with nothing else) that names no time
  Duration longest_wait = std::chrono::hours{24};  // whatever a server says
};

// Understands X-RateLimit-Limit/-Remaining/-Reset and the same without "X-" (Reset: ISO 8601, seconds since
// 1970, or seconds from now), X-RateLimit-Reset-After, and Retry-After (seconds or HTTP date). Where the
// answer has a Date, times are read relative to it, so that a clock that is wrong here does no harm. Pure;
// not thread-safe; one for each budget (host, account, bucket).
class RateLimit {
 public:
  explicit RateLimit(RateLimitOptions options = {}) : options_(options) {}

  // To be called when a request is sent, and when its answer comes.
  void on_request(Instant now);
  void on_response(int status, const Headers& headers, Instant now);

  // The earliest time for the next request, never before `now`. `sharers`: so many processes ask in the same
  // name, and each keeps to its share of what is left.
  [[nodiscard]] Instant next_allowed(Instant now, int sharers = 1) const;
  // What is left of the budget as far as is known.
  [[nodiscard]] std::optional<std::int64_t> remaining() const { return remaining_; }
  // The size of the window's budget, and when it ends, where the server says so.
  [[nodiscard]] std::optional<std::int64_t> limit() const { return limit_; }
  [[nodiscard]] std::optional<Instant> reset_at() const { return reset_; }
  // Whether what another answer tells, at this moment, is told of this very budget: as large, and ending with
  // it, or soon enough to be its next window.
  [[nodiscard]] bool is_told_by(const RateLimit& answer, Instant now) const;

 private:
  void read_budget(const Headers& headers, Instant now);

  RateLimitOptions options_;
  std::optional<std::int64_t> limit_;
  std::optional<std::int64_t> remaining_;
  std::optional<Instant> reset_;
  Duration longest_window_{0};  // that was left of one when an answer came
  std::optional<Instant> last_request_;
  std::optional<Instant> blocked_until_;
};

}  // namespace linnet::net
