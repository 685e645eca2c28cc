// Takes one account out of the tables that are made from the event log.
#pragma once

#include "observe/person_erasure.hpp"

namespace linnet::observe {

// Adds what the tables hold of the account.
Status count_account(store::Connection& connection, const PersonAccount& account, ObservedErasure& found);

// Within the caller's transaction, under the lock of the mark. `rows` receives the row numbers of the posts
// that went.
Status erase_account(store::Connection& connection, const PersonAccount& account,
                     std::vector<std::int64_t>& rows);

}  // namespace linnet::observe
