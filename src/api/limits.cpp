#include "api/limits.hpp"

#include <fmt/format.h>

#include "api/auth.hpp"

namespace linnet::api {

std::optional<govern::RequestAllowance> count_request(Api& api, const govern::Who& who,
                                                      const net::Request& request) {
  if (who.requests_per_minute == 0 || request.path() == "/api/v1/stop") return {};
  return api.request_limits.take(pass_of(who), who.requests_per_minute, api.dependencies.clock.now());
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
