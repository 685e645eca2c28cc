// Names in a request become ids before anything is judged or guarded.
#pragma once

#include "act/gate.hpp"
#include "connect/account_store.hpp"
#include "net/http_transport.hpp"

namespace linnet::act {

// On Bluesky, asks the account's server for the DIDs behind handles in the target and in quoted posts;
// elsewhere does nothing. `not_found` for a handle that nobody has, `denied` while the platform is switched
// off.
Status settle_names(store::Database& database, net::HttpTransport& transport, Clock& clock,
                    connect::AccountStore& accounts, const connect::Account& account, NewAction& action);

}  // namespace linnet::act
