#include "llm/asking.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "llm/json_shape.hpp"
#include "llm/limits.hpp"
#include "store/record/sql.hpp"

namespace linnet::llm {
namespace {

constexpr int kMostTriesToFit = 3;  // of one provider, where its answer does not fit
constexpr int kMostCalls = 8;       // of one question, whoever is asked
constexpr std::size_t kMostOfMistake = 8'000;

std::string_view in_words(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::circuit:
      return "failed lately, and is left alone for a while";
    case Obstacle::requests:
      return "is at its limit of requests a minute";
    case Obstacle::tokens:
      return "is at its limit of tokens a minute";
    case Obstacle::budget:
      return "would cost more than is left of this month's budget (linnet provider budget)";
  }
  return {};
}

}  // namespace

Result<std::string> new_call_id() {
  return make_uuid_v4();
}

void Obstacles::add(const Provider& provider, const Refusal& refusal) {
  refused_ += fmt::format("{}{} {}", refused_.empty() ? "" : "; ", provider.id, in_words(refusal.obstacle));
  if (refusal.obstacle == Obstacle::budget) return;
  wait_ = wait_ ? std::min(*wait_, refusal.wait) : refusal.wait;
}

void Obstacles::add(Error error) {
  error_ = std::move(error);
}

// What was asked and failed says more than what was not asked.
Error Obstacles::error() const {
  if (error_) {
    auto error = *error_;
    // Whoever asks is not denied anything: the provider's key is.
    if (error.kind == ErrorKind::denied || error.kind == ErrorKind::not_found)
      error.kind = ErrorKind::unavailable;
    return error;
  }
  return Error::of(ErrorKind::rate_limited, "no language model can be asked now: " + refused_);
}

Patience::Patience(Clock& clock, Duration patience)
    : clock_(clock), end_(std::chrono::steady_clock::now() + patience) {}

Result<bool> Patience::wait_for(const Obstacles& obstacles, const std::stop_token& stop) {
  const auto wait = obstacles.wait();
  if (!wait || std::chrono::steady_clock::now() + *wait > end_) return false;
  // A little more, as rounding leaves a bucket a hair below what is needed.
  if (clock_.sleep_for(*wait + std::chrono::milliseconds(5), stop)) return true;
  return Error::of(ErrorKind::cancelled, "stopped while waiting for a language model");
}

Asking::Asking(const DoorParts& parts, const Question& question, const Prepared& prepared,
               const TextHashes& hashes, std::stop_token stop)
    : parts_(parts),
      question_(question),
      prepared_(prepared),
      hashes_(hashes),
      stop_(std::move(stop)),
      calls_left_(kMostCalls) {}

Result<Answer> Asking::run() {
  LINNET_TRY(question_id_, new_call_id());
  std::vector<Provider> all;
  {
    LINNET_TRY(auto reader, parts_.database->reader());
    LINNET_TRY(all, list_providers(*reader));
  }
  // As few as the text can be, so that no provider is passed over that could take it.
  const auto bytes =
      prepared_.conversation.system.size() + prepared_.conversation.messages.front().text.size();
  const Needs needs{CallKind::ask, question_.contents.privacy,
                    static_cast<std::int64_t>(bytes / 8) + question_.parameters.max_tokens,
                    question_.provider};
  const auto candidates = route(all, needs);
  if (!candidates) return built_in(candidates.error());
  Patience patience(*parts_.clock, question_.patience);
  while (true) {
    Obstacles obstacles;
    LINNET_TRY(auto answer, ask_each(*candidates, obstacles));
    if (answer) return std::move(*answer);
    if (calls_left_ > 0) {
      LINNET_TRY(const bool has_waited, patience.wait_for(obstacles, stop_));
      if (has_waited) continue;
    }
    return built_in(obstacles.error());
  }
}

Result<std::optional<Answer>> Asking::ask_each(const std::vector<Provider>& candidates,
                                               Obstacles& obstacles) {
  for (const auto& provider : candidates) {
    LINNET_TRY(auto answer, ask_one(provider, obstacles));
    if (answer) return answer;
    if (calls_left_ <= 0) break;
  }
  return std::optional<Answer>();
}

Result<std::optional<Answer>> Asking::ask_one(const Provider& provider, Obstacles& obstacles) {
  if (question_.may_be_cached && !question_.on_piece) {
    LINNET_TRY(auto kept, from_cache(provider));
    if (kept) return kept;
  }
  auto conversation = prepared_.conversation;
  for (int tries = 0; tries < kMostTriesToFit && calls_left_ > 0; ++tries) {
    LINNET_TRY(auto said, call(provider, conversation, obstacles));
    if (said.answer) return std::move(said.answer);
    if (said.is_over) return obstacles.error();
    if (!said.mistake) return std::optional<Answer>();
    conversation.messages.push_back(
        {Speaker::assistant, std::string(truncate_utf8(to_valid_utf8(said.text), kMostOfMistake))});
    conversation.messages.push_back({Speaker::user, about_mistake(*said.mistake)});
  }
  return std::optional<Answer>();
}

Result<std::optional<Answer>> Asking::from_cache(const Provider& provider) {
  const auto begin = std::chrono::steady_clock::now();
  auto row = call_row(provider.id, provider.model_name);
  std::optional<KeptAnswer> kept;
  {
    LINNET_TRY(auto reader, parts_.database->reader());
    LINNET_TRY(kept, find_kept_answer(*reader, row.cache_key, *parts_.box));
  }
  if (!kept) return std::optional<Answer>();
  Answer answer;
  if (look_at({kept->text, std::nullopt, false}, answer)) return std::optional<Answer>();
  LINNET_TRY(row.id, new_call_id());
  row.started_at = parts_.clock->now();
  row.month = month_of(row.started_at);
  row.outcome = CallOutcome::cached;
  row.provider = kept->call.provider;
  row.took_us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count();
  LINNET_CHECK(parts_.writer->write([&](store::Connection& connection) {
    return begin_call(connection, row, question_.contents, {}, *parts_.box);
  }));
  answer.source = {row.id, row.provider, row.model, row.prompt_version, row.input_hash, true, false};
  answer.usage = usage_;
  return std::optional(std::move(answer));
}

Result<CallPlan> Asking::plan_for(const Provider& provider, const Conversation& conversation,
                                  net::HttpRequest& request) const {
  CallPlan plan;
  plan.provider = provider;
  LINNET_TRY(plan.target, target_for(parts_, provider));
  const auto* const schema = question_.schema ? &*question_.schema : nullptr;
  const bool is_streamed =
      question_.on_piece && parts_.events != nullptr && provider.capabilities.supports_streaming;
  request = chat_request(plan.target, {conversation, question_.parameters, schema, is_streamed});
  plan.call = call_row(provider.id, provider.model_name);
  LINNET_TRY(plan.call.id, new_call_id());
  plan.contents = &question_.contents;
  plan.sent = shown_request(request);
  plan.most_tokens_in = most_tokens(conversation, schema);
  plan.most_tokens_out = question_.parameters.max_tokens;
  plan.tokens = static_cast<std::int64_t>(plan.sent.size() / 4) + question_.parameters.max_tokens;
  return plan;
}

Result<Asking::Said> Asking::call(const Provider& provider, const Conversation& conversation,
                                  Obstacles& obstacles) {
  Said said;
  net::HttpRequest request;
  auto plan = plan_for(provider, conversation, request);
  if (!plan) {
    obstacles.add(plan.error());
    return said;
  }
  LINNET_TRY(const auto refusal, begin_plan(parts_, *plan));
  if (refusal) {
    obstacles.add(provider, *refusal);
    return said;
  }
  --calls_left_;
  Spoken spoken;
  const bool is_streamed = provider.capabilities.supports_streaming;
  DoorParts how = parts_;
  if (!is_streamed) how.events = nullptr;
  auto outcome = send_chat(how, plan->target, std::move(request), question_.on_piece, spoken, stop_);
  Answer answer;
  if (!outcome.error) {
    outcome.answer = to_valid_utf8(spoken.answer.text);
    outcome.tokens = spoken.answer.tokens;
    said.mistake = look_at(spoken.answer, answer);
    outcome.is_unfit = said.mistake.has_value();
    outcome.error = said.mistake;
    said.text = outcome.answer;
  }
  LINNET_TRY(const auto used, end_plan(parts_, *plan, outcome));
  usage_.tokens_in += used.tokens_in;
  usage_.tokens_out += used.tokens_out;
  usage_.cost_micros += used.cost_micros;
  if (outcome.error) {
    if (outcome.error->kind == ErrorKind::cancelled) return *outcome.error;
    said.is_over = spoken.was_handed_on;
    obstacles.add(said.mistake ? Error::of(ErrorKind::corrupt, said.mistake->safe) : *outcome.error);
    // Nobody can say what was wrong with nothing: the next one is asked.
    if (!question_.schema) said.mistake.reset();
    return said;
  }
  answer.source = {
      plan->call.id, provider.id, provider.model_name, prepared_.prompt_version, prepared_.input_hash,
      false,         false};
  answer.usage = usage_;
  said.answer = std::move(answer);
  return said;
}

std::optional<Error> Asking::look_at(const ChatAnswer& spoken, Answer& answer) const {
  answer.text = to_valid_utf8(spoken.text);
  if (!question_.schema) {
    if (!trim(answer.text).empty()) return std::nullopt;
    return invalid(spoken.is_cut ? "the answer ended before its first word" : "the answer is empty");
  }
  auto value = read_json_answer(answer.text, *question_.schema);
  if (!value) {
    auto mistake = value.error();
    if (spoken.is_cut) mistake.message += "; it was cut off, so be shorter";
    return mistake;
  }
  answer.json = std::move(*value);
  return std::nullopt;
}

// Where nobody answers Linnet does it itself, if it can, and says so.
Result<Answer> Asking::built_in(const Error& otherwise) {
  std::optional<Provider> own;
  if (question_.built_in && question_.provider.empty()) {
    LINNET_TRY(auto reader, parts_.database->reader());
    LINNET_TRY(own, record::find_first<Provider>(*reader, "id = $1 AND enabled = 1", {kBuiltInProvider}));
  }
  if (!own) {
    LINNET_CHECK(note_refusal(otherwise));
    return otherwise;
  }
  const auto begin = std::chrono::steady_clock::now();
  LINNET_TRY(const auto text, question_.built_in->answer());
  Answer answer;
  if (auto mistake = look_at({text, std::nullopt, false}, answer)) return *mistake;
  if (question_.on_piece) question_.on_piece(answer.text);
  auto row = call_row(std::string(kBuiltInPrefix) + question_.built_in->name, question_.built_in->name);
  LINNET_TRY(row.id, new_call_id());
  row.started_at = parts_.clock->now();
  row.month = month_of(row.started_at);
  row.outcome = CallOutcome::built_in;
  row.took_us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count();
  LINNET_CHECK(parts_.writer->write([&](store::Connection& connection) {
    return begin_call(connection, row, question_.contents, {}, *parts_.box);
  }));
  answer.source = {row.id, row.provider, row.model, row.prompt_version, row.input_hash, false, true};
  answer.usage = usage_;
  return answer;
}

Status Asking::note_refusal(const Error& error) {
  if (calls_left_ < kMostCalls) return {};  // its calls tell of it
  auto row = call_row("", "");
  LINNET_TRY(row.id, new_call_id());
  row.started_at = parts_.clock->now();
  row.month = month_of(row.started_at);
  row.outcome = CallOutcome::refused;
  row.error = error.safe;
  return parts_.writer->write([&](store::Connection& connection) {
    return begin_call(connection, row, question_.contents, {}, *parts_.box);
  });
}

Call Asking::call_row(std::string_view provider, std::string_view model) const {
  Call row;
  row.question = question_id_;
  row.asker = question_.asker;
  row.what = CallKind::ask;
  row.provider = provider;
  row.model = model;
  row.prompt = prepared_.prompt;
  row.prompt_version = prepared_.prompt_version;
  row.input_hash = prepared_.input_hash;
  row.cache_key = cache_key_of(question_, prepared_, model, hashes_);
  row.privacy = question_.contents.privacy;
  return row;
}

}  // namespace linnet::llm
