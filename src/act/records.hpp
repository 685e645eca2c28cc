// What every change of an attempt leaves behind: its line in the audit trail, and what else must change with
// it. Within the caller's transaction.
#pragma once

#include "act/attempt.hpp"
#include "act/policy.hpp"
#include "connect/acting_connector.hpp"
#include "govern/audit.hpp"
#include "store/connection.hpp"

namespace linnet::act {

// A line on the attempt; `details` hold no content.
Status note(store::Connection& connection, const Attempt& attempt, govern::AuditEvent event,
            govern::AuditOutcome outcome, std::string_view actor, boost::json::object details, Instant now);

// {"code","message"}, as the document's ActionError.
std::string error_json(std::string_view code, std::string_view message);

// The attempt took effect: what it takes back is superseded, and the post's engagement follows.
Status take_effect(store::Connection& connection, const Attempt& attempt, InstanceId instance, Instant now);

// A success turned out not to hold: it stands in the way of nothing any more, and the post's engagement
// follows.
Status lose_effect(store::Connection& connection, const Attempt& attempt, InstanceId instance, Instant now);

// The account's platform cannot be reached through any connector: what is due waits until `until`, and says
// why; so does the audit trail, once for each attempt and cause.
Status put_off_due(store::Connection& connection, const connect::AccountId& account, const Error& why,
                   Instant now, Instant until);

// What comes behind it in a thread waits, because nobody knows whether it is out, and says so; told again
// only where the reason is another one. Without a reason: what was said so is taken back.
Status tell_thread(store::Connection& connection, const Attempt& attempt, std::string_view why, Instant now);

// The account met trouble: its state and the circuit breaker follow.
Status note_trouble(store::Connection& connection, const Attempt& attempt, const connect::Outcome& outcome,
                    Instant now);

// The platform restricts the account: a person has to look, afterwards it goes on at a tenth of its pace.
// Nothing where that is known already.
Status pause_restricted(store::Connection& connection, const connect::AccountId& account,
                        std::string_view platform, std::string_view said, Instant now);

// More than a tenth of an hour's actions failed, five at least: the account rests for two hours, and goes on
// at three quarters of its pace (reference: «After trouble», several failures).
Status pause_after_failures(store::Connection& connection, const Attempt& attempt, Instant now);

boost::json::object to_json(const Verdict& verdict);

}  // namespace linnet::act
