// Who may listen to the live WebSocket, and for how long.
#pragma once

#include "api/routes.hpp"
#include "govern/people.hpp"
#include "net/live_hub.hpp"

namespace linnet::api {

// Lets in whoever may read. `api` outlives what it returns.
net::LiveHubOptions live_door(Api& api);

// Ends the connections of those who came in by a token, a session or a right that they have no more. To be
// called every second or two; asks the database once for each token and session.
void end_the_refused(govern::People& people, net::LiveHub& hub);

}  // namespace linnet::api
