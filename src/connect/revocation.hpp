// The request that ends a sign-in, for the networks whose servers take it plainly.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "connect/server_access.hpp"

namespace linnet::connect {

inline constexpr auto kRevokePatience = std::chrono::seconds(10);
net::HttpRequest revocation_to(const std::string& url);
// What asks in the account's name waits for what its server allows, and tells what it says. `whose` names
// the server in errors.
Status revoke_by(const ServerAccess& server, const net::HttpRequest& request, const std::string& whose,
                 const std::stop_token& stop);

}  // namespace linnet::connect
