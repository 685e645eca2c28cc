// Whether a request is a person's own doing (docs/decisions/0018).
#pragma once

#include "govern/access.hpp"
#include "net/http_message.hpp"

namespace linnet::api {

// Somebody who has signed in; while nobody has a password, a page of the web app in a browser, which names
// itself with whatever it sends. A plain request of a program does not.
bool is_by_hand(const govern::Who& who, const net::Request& request);

}  // namespace linnet::api
