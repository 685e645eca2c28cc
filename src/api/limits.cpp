#include "api/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/auth.hpp"

namespace linnet::api {

namespace {

constexpr std::int64_t kStopsPerMinute = 60;
constexpr std::string_view kStopKey = "stop ";

struct Account {
  std::string key;
  std::int64_t per_minute = 0;
};

std::optional<Account> account_of(Api& api, const govern::Who& who, const net::Request& request) {
  // Over all processes together nobody may ask more often, without a word between them for each request.
  const auto share = [&](std::int64_t per_minute) {
    return std::max<std::int64_t>(1, per_minute / std::max(1, api.dependencies.processes()));
  };
  const bool is_stop = request.path() == "/api/v1/stop" && request.method() == net::Method::post;
  // Not divided: it must work at whichever process is asked, and each of them bears so many.
  if (is_stop) return Account{std::string(kStopKey) + pass_of(who), kStopsPerMinute};
  if (who.requests_per_minute == 0 || request.path() == "/api/v1/stop") return {};
  return Account{pass_of(who), share(who.requests_per_minute)};
}

}  // namespace

std::optional<govern::RequestAllowance> count_request(Api& api, const govern::Who& who,
                                                      const net::Request& request) {
  const auto account = account_of(api, who, request);
  if (!account) return {};
  return api.request_limits.take(account->key, account->per_minute, api.dependencies.clock.now());
}

std::optional<govern::RequestAllowance> allowance_left(Api& api, const govern::Who& who,
                                                       const net::Request& request) {
  const auto account = account_of(api, who, request);
  if (!account) return {};
  return api.request_limits.look(account->key, account->per_minute, api.dependencies.clock.now());
}

void add_allowance(net::Headers& headers, const govern::RequestAllowance& allowance) {
  const auto reset = std::chrono::ceil<std::chrono::seconds>(allowance.reset_at.time_since_epoch()).count();
  headers.add("X-RateLimit-Limit", std::to_string(allowance.limit));
  headers.add("X-RateLimit-Remaining", std::to_string(allowance.remaining));
  headers.add("X-RateLimit-Reset", std::to_string(reset));
}

net::Response too_many_requests(const govern::RequestAllowance& allowance, Instant now) {
  const auto wait = whole_seconds(allowance.reset_at - now);
  auto response =
      net::problem(429, fmt::format("more than {} requests in a minute; ask again in {} s, or have the "
                                    "token's limit raised (linnet token limit)",
                                    allowance.limit, wait));
  response.headers.add("Retry-After", wait);
  add_allowance(response.headers, allowance);
  return response;
}

}  // namespace linnet::api
