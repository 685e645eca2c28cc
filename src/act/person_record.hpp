// Everything that is kept of a person, for them to have.
#pragma once

#include "act/person_erasure.hpp"

namespace linnet::act {

// {"address", "exported_at", "accounts", "own_accounts", "posts", "mentioned_in", "follows", "messages",
// "chat_messages", "reactions", "topics", "insights", "actions", "consents", "blocklist", "language_models",
// "audit"}: times in ISO 8601, each list oldest first. Messages are unsealed, also those among the actions;
// one that was redacted has a null text, one that cannot be read a "text_error" beside it.
Result<boost::json::object> person_record(store::Connection& connection, const SecretBox& box,
                                          const observe::Person& person, Instant now);

// Notes in the audit trail that the data was handed out; no address stands there.
Status audit_export(store::Connection& connection, const observe::Person& person, const std::string& actor,
                    Instant now);

}  // namespace linnet::act
