// Names in a request become ids before anything is judged or guarded.
#pragma once

#include "act/gate.hpp"
#include "connect/account_store.hpp"
#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"

namespace linnet::act {

// What people paste as the target or the quoted post (a link to a post, a handle, the address of a profile)
// becomes the id that the account's server has for it; the server is asked where it has to be. `invalid` for
// what can be no name of such a thing, `not_found` for what nobody has, `denied` while the platform is
// switched off.
//
// What the server is asked is counted in the account's own of the budgets; `rate_limited` where the server
// wants nothing of it for now, since whoever asks is waiting for the answer.
Status settle_names(store::Database& database, net::HttpTransport& transport,
                    connect::RequestBudgets& budgets, connect::AccountStore& accounts, Clock& clock,
                    const connect::Account& account, NewAction& action);

// Ids of another form than the platform's are refused: `invalid` names the field and what was expected.
Status check_ids(const NewAction& action, std::string_view platform);

}  // namespace linnet::act
