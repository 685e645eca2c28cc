#include "llm/one_call.hpp"

#include <algorithm>
#include <random>

#include "base/log.hpp"
#include "base/text.hpp"

namespace linnet::llm {
namespace {

using Steady = std::chrono::steady_clock;

constexpr Duration kAfterWrongKey = std::chrono::minutes(1);
constexpr Duration kAfterTooMany = std::chrono::seconds(30);  // where the server names no time

double random_jitter() {
  thread_local std::mt19937 generator(std::random_device{}());
  return std::uniform_real_distribution<double>(0.5, 1.0)(generator);
}

Duration since(Steady::time_point begin) {
  return std::chrono::duration_cast<Duration>(Steady::now() - begin);
}

// A wrong question is not the provider's fault; being told to wait is no failure of its own.
bool counts_as_failure(ErrorKind kind) {
  return kind == ErrorKind::unavailable || kind == ErrorKind::denied || kind == ErrorKind::not_found ||
         kind == ErrorKind::internal;
}

void take_failure(Outcome& outcome, Error error, std::optional<Duration> asked) {
  if (error.kind == ErrorKind::denied) outcome.leave_alone = kAfterWrongKey;
  if (error.kind == ErrorKind::rate_limited) outcome.leave_alone = asked.value_or(kAfterTooMany);
  if (error.kind == ErrorKind::unavailable && asked) outcome.leave_alone = asked;
  outcome.error = std::move(error);
}

std::int64_t guessed_tokens(std::size_t bytes) {
  return static_cast<std::int64_t>(bytes / 4) + 1;
}

// Whole, as one piece, where the provider or the program cannot do otherwise.
Outcome send_whole(const DoorParts& parts, const Target& target, net::HttpRequest request, Spoken& spoken,
                   const std::stop_token& stop) {
  auto sent = exchange(parts, std::move(request), stop);
  if (!sent.response) return std::move(sent.outcome);
  auto answer = read_chat_answer(target.format, *sent.response);
  if (!answer) {
    note_unreadable(sent.outcome, answer.error(), *sent.response, parts.clock->now());
    return std::move(sent.outcome);
  }
  spoken.answer = std::move(*answer);
  return std::move(sent.outcome);
}

// Ends a stream from within.
Error stop_reading() {
  return Error::of(ErrorKind::cancelled, "the answer was not wanted any more");
}

Outcome send_streamed(const DoorParts& parts, const Target& target, net::HttpRequest request,
                      const std::function<bool(std::string_view)>& on_piece, Spoken& spoken,
                      const std::stop_token& stop) {
  Outcome outcome;
  const auto begin = Steady::now();
  StreamedAnswer reader(target.format);
  net::EventStreamRequest stream;
  request.connect_timeout = parts.connect_time;
  stream.http = std::move(request);
  stream.most_time = parts.call_time;
  stream.idle_timeout = parts.call_time;
  stream.on_open = [&] { outcome.has_reached_it = true; };
  const auto ended = parts.events->stream(
      stream,
      [&](const net::ServerEvent& event) -> Status {
        LINNET_TRY(const auto piece, reader.take(event));
        if (!piece.empty()) {
          spoken.was_handed_on = true;
          if (!on_piece(to_valid_utf8(piece))) return stop_reading();
        }
        // The usage comes behind the last piece, and the server's own word behind that.
        return reader.is_whole() ? stop_reading() : Status();
      },
      stop);
  outcome.took = since(begin);
  spoken.answer = reader.answer();
  if (!reader.is_whole()) {
    outcome.has_reached_it = outcome.has_reached_it || !ended.error().never_sent;
    take_failure(outcome, ended.error(), std::nullopt);
  }
  return outcome;
}

}  // namespace

Result<Target> target_for(const DoorParts& parts, const Provider& provider) {
  Target target;
  LINNET_TRY(const auto name, parse_provider_id(provider.id));
  LINNET_TRY(target.format, wire_format_of(provider.id));
  LINNET_TRY(target.endpoint, endpoint_of(provider));
  target.vendor = name.vendor;
  target.model = provider.model_name;
  target.takes_schema = provider.capabilities.supports_json;
  LINNET_TRY(auto reader, parts.database->reader());
  LINNET_TRY(target.api_key, key_of_provider(*reader, provider.id, *parts.box));
  return target;
}

Result<std::optional<Refusal>> begin_plan(const DoorParts& parts, CallPlan& plan) {
  std::optional<Refusal> refusal;
  auto& call = plan.call;
  call.started_at = parts.clock->now();
  call.month = month_of(call.started_at);
  call.outcome = CallOutcome::asking;
  call.reserved_micros = cost_micros(plan.provider.capabilities, plan.most_tokens_in, plan.most_tokens_out);
  LINNET_CHECK(parts.writer->write([&](store::Connection& connection) -> Status {
    refusal.reset();
    LINNET_TRY(const bool has_room, reserve(connection, call.month, call.reserved_micros));
    if (!has_room) {
      refusal = Refusal{Obstacle::budget};
      return {};
    }
    LINNET_TRY(refusal, take_from_limits(connection, plan.provider, plan.tokens));
    if (refusal) return settle(connection, call.month, call.reserved_micros, 0);
    return begin_call(connection, call, *plan.contents, plan.sent, *parts.box);
  }));
  return refusal;
}

Result<Usage> end_plan(const DoorParts& parts, const CallPlan& plan, const Outcome& outcome) {
  CallEnd end;
  end.took = outcome.took;
  end.answer = outcome.answer;
  if (outcome.error) end.error = outcome.error->safe;
  end.outcome = !outcome.error     ? CallOutcome::answered
                : outcome.is_unfit ? CallOutcome::unfit
                                   : CallOutcome::failed;
  const bool has_cost = !outcome.error || outcome.is_unfit || outcome.has_reached_it;
  if (outcome.tokens) {
    end.tokens_in = outcome.tokens->in;
    end.tokens_out = outcome.tokens->out;
    end.cost_micros = cost_micros(plan.provider.capabilities, end.tokens_in, end.tokens_out);
  } else if (has_cost) {
    // What was not said is taken for the most that it can have been.
    end.tokens_in = guessed_tokens(plan.sent.size());
    end.tokens_out = guessed_tokens(outcome.answer.size());
    end.cost_micros = plan.call.reserved_micros;
  }
  LINNET_CHECK(parts.writer->write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const bool is_ended, end_call(connection, plan.call, end, *parts.box));
    if (!is_ended) log::warn("call {} was taken for lost before its answer came", plan.call.id);
    LINNET_CHECK(correct_tokens(connection, plan.provider, end.tokens_in + end.tokens_out - plan.tokens));
    if (!outcome.error || outcome.is_unfit) return note_answer(connection, plan.provider.id, outcome.took);
    if (outcome.error->kind == ErrorKind::cancelled) return {};
    return note_failure(connection, plan.provider.id,
                        {outcome.error->safe, counts_as_failure(outcome.error->kind), outcome.leave_alone},
                        random_jitter());
  }));
  return Usage{end.tokens_in, end.tokens_out, end.cost_micros};
}

Exchange exchange(const DoorParts& parts, net::HttpRequest request, const std::stop_token& stop) {
  Exchange made;
  request.connect_timeout = parts.connect_time;
  request.timeout = parts.call_time;
  const auto begin = Steady::now();
  made.response = parts.transport->send(request, stop);
  made.outcome.took = since(begin);
  if (!made.response) {
    made.outcome.has_reached_it = !made.response.error().never_sent;
    take_failure(made.outcome, made.response.error(), std::nullopt);
  }
  return made;
}

void note_unreadable(Outcome& outcome, const Error& error, const net::HttpResponse& response, Instant now) {
  const bool is_success = response.status >= 200 && response.status <= 299;
  outcome.has_reached_it = is_success;  // an error answer costs nothing
  take_failure(outcome, error, asked_to_wait(response, now));
}

Outcome send_chat(const DoorParts& parts, const Target& target, net::HttpRequest request,
                  const std::function<bool(std::string_view)>& on_piece, Spoken& spoken,
                  std::stop_token stop) {
  if (on_piece && parts.events != nullptr)
    return send_streamed(parts, target, std::move(request), on_piece, spoken, stop);
  auto outcome = send_whole(parts, target, std::move(request), spoken, stop);
  if (outcome.error || !on_piece) return outcome;
  spoken.was_handed_on = true;
  if (!on_piece(to_valid_utf8(spoken.answer.text))) outcome.error = stop_reading();
  return outcome;
}

}  // namespace linnet::llm
