#include "llm/door.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>
#include <numeric>

#include "base/guarded.hpp"
#include "base/json_members.hpp"
#include "base/text.hpp"
#include "llm/asking.hpp"
#include "llm/llama_score.hpp"
#include "llm/wire_formats.hpp"

namespace linnet::llm {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostTexts = 256;
constexpr std::size_t kMostEmbeddedBytes = std::size_t{2} << 20U;
constexpr std::size_t kMostScoredBytes = 100'000;

// llama.cpp's own paths stand beside those of OpenAI's format.
std::string llama_root(std::string endpoint) {
  constexpr std::string_view kVersion = "/v1";
  if (endpoint.ends_with(kVersion)) endpoint.erase(endpoint.size() - kVersion.size());
  return endpoint;
}

std::int64_t guess(std::size_t bytes) {
  return static_cast<std::int64_t>(bytes / 4) + 1;
}

// A call that is no conversation: embeddings and scores.
struct Plain {
  const Asker& asker;
  const Contents& contents;
  CallKind what{};
  std::string_view hashed;  // `input_hash` is of this
  std::size_t bytes = 0;
  std::string sent;
};

// The requests that one score takes, together as long as one call.
class LlamaServer {
 public:
  LlamaServer(const DoorParts& parts, Target target, std::stop_token stop)
      : parts_(parts), target_(std::move(target)), stop_(std::move(stop)) {
    target_.endpoint = llama_root(std::move(target_.endpoint));
  }

  Result<json::object> ask(std::string_view path, const json::object* body) {
    if (Steady::now() - begin_ > parts_.call_time)
      return unavailable("the language model's server took too long to score the text");
    auto request = post_json(target_, path, body == nullptr ? json::object() : *body);
    if (body == nullptr) {
      request.method = "GET";
      request.body.clear();
    }
    request.max_body_bytes = kMostEmbeddingBytes;  // a whole vocabulary may be told
    auto sent = exchange(parts_, std::move(request), stop_);
    outcome_.has_reached_it = sent.outcome.has_reached_it;
    outcome_.leave_alone = sent.outcome.leave_alone;
    if (!sent.response) return sent.response.error();
    if (sent.response->status != 200) return read_answer_error(sent.response->status, sent.response->body);
    auto object = maybe_object(sent.response->body);
    if (!object) return no_answer("its answer is no JSON object");
    return std::move(*object);
  }

  [[nodiscard]] Outcome outcome(const Result<LlamaScore>& scored) const {
    auto outcome = outcome_;
    outcome.took = std::chrono::duration_cast<Duration>(Steady::now() - begin_);
    if (!scored) {
      outcome.error = scored.error();
      return outcome;
    }
    outcome.tokens =
        TokenCounts{scored->context_tokens, static_cast<std::int64_t>(scored->log_probabilities.size())};
    return outcome;
  }

 private:
  using Steady = std::chrono::steady_clock;

  const DoorParts& parts_;
  Target target_;
  std::stop_token stop_;
  Steady::time_point begin_ = Steady::now();
  Outcome outcome_;
};

class Door final : public LanguageModels {
 public:
  explicit Door(const DoorParts& parts) : parts_(parts) {}

  Result<Answer> ask(const Question& question, std::stop_token stop) override {
    LINNET_TRY(const auto hashes, this->hashes());
    PromptVersion prompt;
    {
      LINNET_TRY(auto reader, parts_.database->reader());
      LINNET_TRY(prompt, find_prompt(*reader, question.prompt, question.prompt_version));
    }
    LINNET_TRY(const auto prepared, prepare(question, prompt, hashes));
    return Asking(parts_, question, prepared, hashes, std::move(stop)).run();
  }

  Result<Embeddings> embed(const EmbeddingQuestion& question, std::stop_token stop) override;
  Result<Score> score(const ScoreQuestion& question, std::stop_token stop) override;

 private:
  // Made once, by whichever process comes first.
  Result<TextHashes> hashes() {
    return key_.with([&](std::string& key) -> Result<TextHashes> {
      if (key.empty()) {
        LINNET_CHECK(parts_.writer->write([&](store::Connection& connection) -> Status {
          LINNET_TRY(key, TextHashes::open_key(connection, *parts_.box));
          return {};
        }));
      }
      return TextHashes(key);
    });
  }

  Result<std::vector<Provider>> candidates(const Plain& plain, const std::string& provider) {
    LINNET_TRY(auto reader, parts_.database->reader());
    LINNET_TRY(const auto all, list_providers(*reader));
    return route(all, {plain.what, plain.contents.privacy, 0, provider});
  }

  Result<CallPlan> plan(const Plain& plain, const Provider& provider) {
    CallPlan plan;
    plan.provider = provider;
    LINNET_TRY(plan.target, target_for(parts_, provider));
    LINNET_TRY(const auto hashes, this->hashes());
    auto& call = plan.call;
    LINNET_TRY(call.id, new_call_id());
    call.question = call.id;
    call.asker = plain.asker;
    call.what = plain.what;
    call.provider = provider.id;
    call.model = provider.model_name;
    call.input_hash = hashes.of(plain.hashed, plain.contents.privacy);
    call.privacy = plain.contents.privacy;
    plan.contents = &plain.contents;
    plan.sent = plain.sent;
    plan.tokens = guess(plain.bytes);
    plan.most_tokens_in = static_cast<std::int64_t>(plain.bytes) + 64;
    return plan;
  }

  Result<std::optional<Embeddings>> embed_with(const Plain& plain, const Provider& provider,
                                               const std::vector<std::string>& texts, Obstacles& obstacles,
                                               const std::stop_token& stop);
  Result<std::optional<Score>> score_with(const Plain& plain, const Provider& provider,
                                          const ScoreQuestion& question, Obstacles& obstacles,
                                          const std::stop_token& stop);
  static Source source_of(const CallPlan& plan) {
    return {plan.call.id, plan.call.provider, plan.call.model, "", plan.call.input_hash, false, false};
  }

  DoorParts parts_;
  Guarded<std::string> key_;
};

Result<Embeddings> Door::embed(const EmbeddingQuestion& question, std::stop_token stop) {
  const auto& texts = question.texts;
  const auto bytes = std::accumulate(texts.begin(), texts.end(), std::size_t{0},
                                     [](std::size_t sum, const auto& text) { return sum + text.size(); });
  if (texts.empty() || texts.size() > kMostTexts || bytes > kMostEmbeddedBytes)
    return invalid(fmt::format("texts: expected 1 to {} of together at most {} bytes, got {} of {}",
                               kMostTexts, kMostEmbeddedBytes, texts.size(), bytes));
  const auto together = json::serialize(json::array(texts.begin(), texts.end()));
  const Plain plain{question.asker, question.contents, CallKind::embed, together, bytes, together};
  LINNET_TRY(const auto providers, candidates(plain, question.provider));
  Obstacles obstacles;
  for (const auto& provider : providers) {
    LINNET_TRY(auto made, embed_with(plain, provider, texts, obstacles, stop));
    if (made) return std::move(*made);
  }
  return obstacles.error();
}

Result<std::optional<Embeddings>> Door::embed_with(const Plain& plain, const Provider& provider,
                                                   const std::vector<std::string>& texts,
                                                   Obstacles& obstacles, const std::stop_token& stop) {
  LINNET_TRY(auto its, plan(plain, provider));
  auto request = embedding_request(its.target, texts);
  if (!request) {
    obstacles.add(request.error());
    return std::optional<Embeddings>();
  }
  LINNET_TRY(const auto refusal, begin_plan(parts_, its));
  if (refusal) {
    obstacles.add(provider, *refusal);
    return std::optional<Embeddings>();
  }
  auto sent = exchange(parts_, std::move(*request), stop);
  Embeddings made;
  if (sent.response) {
    auto answer = read_embedding_answer(its.target.format, *sent.response, texts.size());
    if (!answer) note_unreadable(sent.outcome, answer.error(), *sent.response, parts_.clock->now());
    if (answer) sent.outcome.tokens = answer->tokens;
    if (answer) made.vectors = std::move(answer->vectors);
  }
  LINNET_TRY(made.usage, end_plan(parts_, its, sent.outcome));
  if (sent.outcome.error) {
    if (sent.outcome.error->kind == ErrorKind::cancelled) return *sent.outcome.error;
    obstacles.add(*sent.outcome.error);
    return std::optional<Embeddings>();
  }
  made.source = source_of(its);
  return std::optional(std::move(made));
}

Result<Score> Door::score(const ScoreQuestion& question, std::stop_token stop) {
  const auto bytes = question.context.size() + question.continuation.size();
  if (question.continuation.empty() || bytes > kMostScoredBytes)
    return invalid(fmt::format("continuation: expected a text, with its context at most {} bytes, got {}",
                               kMostScoredBytes, bytes));
  const auto sent =
      json::serialize(json::object{{"context", question.context}, {"continuation", question.continuation}});
  const Plain plain{question.asker, question.contents, CallKind::score, sent, bytes, sent};
  LINNET_TRY(const auto providers, candidates(plain, question.provider));
  Obstacles obstacles;
  for (const auto& provider : providers) {
    LINNET_TRY(auto made, score_with(plain, provider, question, obstacles, stop));
    if (made) return std::move(*made);
  }
  return obstacles.error();
}

Result<std::optional<Score>> Door::score_with(const Plain& plain, const Provider& provider,
                                              const ScoreQuestion& question, Obstacles& obstacles,
                                              const std::stop_token& stop) {
  LINNET_TRY(auto its, plan(plain, provider));
  LINNET_TRY(const auto refusal, begin_plan(parts_, its));
  if (refusal) {
    obstacles.add(provider, *refusal);
    return std::optional<Score>();
  }
  LlamaServer server(parts_, its.target, stop);
  auto scored =
      score_on_llama([&](std::string_view path, const json::object* body) { return server.ask(path, body); },
                     question.context, question.continuation);
  const auto outcome = server.outcome(scored);
  Score made;
  LINNET_TRY(made.usage, end_plan(parts_, its, outcome));
  if (!scored) {
    if (scored.error().kind == ErrorKind::cancelled || scored.error().kind == ErrorKind::invalid)
      return scored.error();
    obstacles.add(scored.error());
    return std::optional<Score>();
  }
  made.log_probabilities = std::move(scored->log_probabilities);
  made.source = source_of(its);
  return std::optional(std::move(made));
}

}  // namespace

double perplexity(const Score& score) {
  if (score.log_probabilities.empty()) return 1;
  const auto sum = std::accumulate(score.log_probabilities.begin(), score.log_probabilities.end(), 0.0);
  return std::exp(-sum / static_cast<double>(score.log_probabilities.size()));
}

std::unique_ptr<LanguageModels> make_language_models(const DoorParts& parts) {
  return std::make_unique<Door>(parts);
}

}  // namespace linnet::llm
