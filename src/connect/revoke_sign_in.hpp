// Ends a sign-in at the platform, so that a token that was copied somewhere is worth nothing.
#pragma once

#include "base/clock.hpp"
#include "connect/account_store.hpp"
#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect {

// `base_url` is the instance's, and `budget` that of the account there. An error says what a person can do
// instead; the texts are safe to show.
Status revoke_sign_in(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                      const std::string& platform, const std::string& base_url,
                      const Credentials& credentials, const std::stop_token& stop);

}  // namespace linnet::connect
