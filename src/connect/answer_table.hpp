// What an answer to a request that changes something means: a table for each network, read from the top.
#pragma once

#include <span>

#include "base/clock.hpp"
#include "connect/acting_connector.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect {

// The first line that fits counts; what none fits may have been done, and is looked up.
struct AnswerMeaning {
  int from = 0;  // of the status; both ends belong to it
  int to = 0;
  OutcomeKind kind = OutcomeKind::unknown;
  // What the answer has to say besides; null: nothing.
  bool (*says)(const net::HttpResponse& response) = nullptr;
  bool signed_out = false;
  bool restricted = false;
};

// `error` is what the answer says in words. What may go again later (not_sent) has the moment that the
// server names, in whichever form.
Outcome meaning_of(const net::HttpResponse& response, std::span<const AnswerMeaning> table, Error error,
                   Instant now);
// Of a request without an answer: what never left may go again, at `held_until` where that is known; `denied`
// is a sign-in that cannot be renewed; anything else may have arrived.
Outcome meaning_of(const Error& error, std::optional<Instant> held_until = {});

}  // namespace linnet::connect
