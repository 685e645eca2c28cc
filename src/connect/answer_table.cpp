#include "connect/answer_table.hpp"

#include <algorithm>

#include "net/rate_limit.hpp"

namespace linnet::connect {
namespace {

Instant time_to_retry(const net::HttpResponse& response, Instant now) {
  net::RateLimit limit;
  limit.on_response(response.status, response.headers, now);
  return limit.next_allowed(now);
}

}  // namespace

Outcome meaning_of(const net::HttpResponse& response, std::span<const AnswerMeaning> table, Error error,
                   Instant now) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const AnswerMeaning& line) {
    return response.status >= line.from && response.status <= line.to &&
           (line.says == nullptr || line.says(response));
  });
  Outcome outcome;
  if (found != table.end()) {
    outcome.kind = found->kind;
    outcome.signed_out = found->signed_out;
    outcome.restricted = found->restricted;
  }
  if (outcome.kind == OutcomeKind::not_sent) outcome.retry_at = time_to_retry(response, now);
  if (outcome.kind != OutcomeKind::done) outcome.error = std::move(error);
  return outcome;
}

Outcome meaning_of(const Error& error, std::optional<Instant> held_until) {
  Outcome outcome;
  outcome.error = error;
  if (error.never_sent) {
    outcome.kind = OutcomeKind::not_sent;
    outcome.retry_at = held_until;
  } else if (error.kind == ErrorKind::denied) {
    outcome.kind = OutcomeKind::refused;
    outcome.signed_out = true;
  }
  return outcome;
}

}  // namespace linnet::connect
