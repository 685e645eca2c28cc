// What there is to do next, for the dispatcher. Asked several times a second: each question is answered by an
// index, and nothing is loaded or asked of the platform for it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "act/attempt.hpp"
#include "store/connection.hpp"

namespace linnet::act {

struct Job {
  enum class Kind { look_up, carry_out, verify, check_credentials };
  Kind kind;
  AttemptId attempt;
};

// The accounts that have something to do until then.
Result<std::vector<std::string>> accounts_with_work(store::Connection& connection, Instant until);
// The next of an account. `soon`: when its credentials are to be looked at for what is due until then; empty
// where they were looked at a while ago.
Result<std::optional<Job>> next_job(store::Connection& connection, const connect::AccountId& account,
                                    Instant now, std::optional<Instant> soon);

}  // namespace linnet::act
