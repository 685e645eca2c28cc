// How many requests a minute a token or a session has left, and how an answer says so.
#pragma once

#include <optional>

#include "api/routes.hpp"

namespace linnet::api {

// Counts the request; nullopt for whoever has no limit. The emergency stop counts by itself: it must work
// when everything else was asked too often, and nobody may fill the audit trail with it.
std::optional<govern::RequestAllowance> count_request(Api& api, const govern::Who& who,
                                                      const net::Request& request);

// The same without counting it: it was counted when its head came.
std::optional<govern::RequestAllowance> allowance_left(Api& api, const govern::Who& who,
                                                       const net::Request& request);

// X-RateLimit-Limit, -Remaining and -Reset (whole seconds since 1970, when the next minute begins).
void add_allowance(net::Headers& headers, const govern::RequestAllowance& allowance);

// 429, with Retry-After.
net::Response too_many_requests(const govern::RequestAllowance& allowance, Instant now);

}  // namespace linnet::api
