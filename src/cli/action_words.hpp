// What stands of an action, in words for people.
#pragma once

#include <string>

#include "act/attempt.hpp"
#include "act/policy.hpp"
#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::cli {

// "publish", "reply, post 2 of a thread".
std::string kind_in_words(const act::Attempt& attempt);
// "waits for approval", "goes out at …", "success".
std::string state_in_words(const act::Attempt& attempt, Instant now);
// Why it was not done or has to wait; empty where nothing is known.
std::string reason_of(const act::Attempt& attempt);
// "allowed", "waits for approval", "waits until …", "not allowed".
std::string decision_in_words(const act::Verdict& decision);

// A line that says so while everything is stopped; empty otherwise.
Result<std::string> stop_notice(store::Connection& connection);

}  // namespace linnet::cli
