// Whose handle it is.
#pragma once

#include <stop_token>
#include <string>

#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect::bluesky {

// The DID of the account with this handle, asked of any PDS (com.atproto.identity.resolveHandle). `not_found`
// when nobody has it.
Result<std::string> resolve_handle(net::HttpTransport& transport, RequestBudget& budget,
                                   const std::string& service, const std::string& handle,
                                   const std::stop_token& stop);

}  // namespace linnet::connect::bluesky
