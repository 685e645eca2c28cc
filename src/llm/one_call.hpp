// One call to one provider, from what is reserved for it to what it came to.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "llm/calls.hpp"
#include "llm/limits.hpp"
#include "llm/wire.hpp"

namespace linnet::llm {

struct CallPlan {
  Provider provider;
  Target target;
  Call call;  // with all that is known before
  const Contents* contents = nullptr;
  std::string sent;         // as it stands on the wire
  std::int64_t tokens = 0;  // that it will take, as far as can be guessed
  std::int64_t most_tokens_in = 0;
  std::int64_t most_tokens_out = 0;
};

// Limits and the most it can cost are taken, and the row is written; where something is in the way nothing
// is.
Result<std::optional<Refusal>> begin_plan(const DoorParts& parts, CallPlan& plan);

// What became of it, before it is written down.
struct Outcome {
  std::optional<Error> error;
  bool has_reached_it = false;  // the provider may have begun to answer, so that it may have cost
  std::optional<Duration> leave_alone;
  bool is_unfit = false;
  std::string answer;
  std::optional<TokenCounts> tokens;  // nullopt: not said
  Duration took{};
};

// Settles cost and limits, notes how the provider does, ends the row.
Result<Usage> end_plan(const DoorParts& parts, const CallPlan& plan, const Outcome& outcome);

// Sends, and reads what comes. `on_piece`: as it comes, where the provider can do so.
struct Spoken {
  ChatAnswer answer;
  bool was_handed_on = false;  // a piece of it
};
Outcome send_chat(const DoorParts& parts, const Target& target, net::HttpRequest request,
                  const std::function<bool(std::string_view)>& on_piece, Spoken& spoken,
                  std::stop_token stop);

// The answer to one request, with what its failure means.
struct Exchange {
  Result<net::HttpResponse> response = Error{};
  Outcome outcome;
};
Exchange exchange(const DoorParts& parts, net::HttpRequest request, const std::stop_token& stop);
// What an answer's reader refused is the provider's fault.
void note_unreadable(Outcome& outcome, const Error& error, const net::HttpResponse& response, Instant now);

Result<Target> target_for(const DoorParts& parts, const Provider& provider);

}  // namespace linnet::llm
