// What the routes of accounts share.
#pragma once

#include <optional>
#include <string>

#include "api/routes.hpp"

namespace linnet::api {

// For the account that signs in again its own platform and address take the place of what is given; nothing
// happens where `id` is empty. `not_found`.
Status read_expected(const Call& call, const std::string& id, std::string& platform, std::string& address,
                     std::optional<connect::AccountId>& expected);

// Signing in by the browser.
std::vector<Route> sign_in_routes();

}  // namespace linnet::api
