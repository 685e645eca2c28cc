// Signing in where the browser and the program are on one machine: the browser comes back to a port that we
// listen on.
#pragma once

#include <functional>

#include "base/instant.hpp"
#include "connect/sign_in_door.hpp"

namespace linnet::connect {

// The whole way: `show` gets the address to open. Blocking; `unavailable` after `timeout`. The `redirect_uri`
// of the request is chosen here.
Result<SignedInAccount> sign_in_here(const SignInDoor& door, SignInRequest request,
                                     const std::function<void(const std::string& url)>& show,
                                     Duration timeout, const std::stop_token& stop);

}  // namespace linnet::connect
