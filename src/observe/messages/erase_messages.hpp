// Takes one account out of the tables that are made of events about messages.
#pragma once

#include "observe/projection.hpp"

namespace linnet::observe {

Status count_messages(store::Connection& connection, const PersonAccount& account, ObservedErasure& found);
std::span<const ForgetSome> forget_steps_of_messages();
Status forget_chat_account(store::Connection& connection, const PersonAccount& account);

}  // namespace linnet::observe
