// What is pending for a person or in an account's name, ended by what was said or done.
#pragma once

#include <string_view>

#include "observe/person.hpp"
#include "store/connection.hpp"

namespace linnet::govern {

struct Cancellation {
  std::string_view code;  // opt_out, erased, account_removed
  std::string_view message;
  std::string_view actor;
};

// Cancels each pending attempt that reaches the account, with its open approval and an audit row of its own,
// within the caller's transaction. Returns how many.
Result<std::int64_t> cancel_pending(store::Connection& connection, const observe::PersonAccount& account,
                                    const Cancellation& why, Instant now);
// The same for one, where it is pending.
Status cancel_pending_action(store::Connection& connection, std::string_view attempt, const Cancellation& why,
                             Instant now);
// The same for each that the user's own account was to do.
Result<std::int64_t> cancel_pending_of_account(store::Connection& connection, std::string_view account_id,
                                               const Cancellation& why, Instant now);

// What is put off until something about the account changes, which then has.
enum class Waiting {
  for_the_account,  // signed out, paused, or not to be reached
  for_its_pace,     // quiet hours, limits, rests, warm-up: as its settings have them
};
// Is due at once, or when it was planned for, and is judged anew.
Status release_waiting(store::Connection& connection, std::string_view account_id, Waiting which,
                       Instant now);

}  // namespace linnet::govern
