// Takes one account out of the tables that are made of events about posts.
#pragma once

#include "observe/projection.hpp"

namespace linnet::observe {

// Adds what the tables hold of the account.
Status count_account(store::Connection& connection, const PersonAccount& account, ObservedErasure& found);

// What posts of others say of the account, then its own posts.
std::span<const ForgetSome> forget_steps_of_posts();

// What stands with the account itself: its row, whom it follows and who follows it.
Status forget_account(store::Connection& connection, const PersonAccount& account);

}  // namespace linnet::observe
