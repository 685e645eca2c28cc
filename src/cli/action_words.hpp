// What stands of an action, in words for people.
#pragma once

#include <string>
#include <string_view>

#include "act/attempt.hpp"
#include "act/policy.hpp"
#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::cli {

// "post", "message", "take back a like".
std::string_view type_in_words(model::ActionType type);
// "post", "answer, post 2 of a thread".
std::string kind_in_words(const act::Attempt& attempt);
// "waits for approval", "goes out at …", "done, verified".
std::string state_in_words(const act::Attempt& attempt, Instant now);
// Why it was not done or has to wait; empty where nothing is known.
std::string reason_of(const act::Attempt& attempt);
// "allowed", "waits for approval", "waits until …", "not allowed".
std::string decision_in_words(const act::Verdict& decision);
// Of one rule: "no", "asks a person", "later".
std::string_view says_in_words(act::Decision decision);
// "first message" of first_message.
std::string rule_in_words(std::string_view rule);

// Whom or what it is about: "@bob", "@bob: how their post begins", or how the own post begins. The id where
// nothing else is known. `text` is the draft's.
Result<std::string> target_in_words(store::Connection& connection, const act::Attempt& attempt,
                                    const std::string& text);

// A line that says so while everything is stopped; empty otherwise.
Result<std::string> stop_notice(store::Connection& connection);

}  // namespace linnet::cli
