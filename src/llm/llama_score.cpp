#include "llm/llama_score.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <optional>

#include "base/json_members.hpp"
#include "llm/wire_formats.hpp"

namespace linnet::llm {
namespace {

namespace json = boost::json;

struct Token {
  std::int64_t id = 0;
  bool is_text = true;  // its piece is whole UTF-8; else it is a part of a character
};

Result<std::vector<Token>> tokens_of(const AskLlama& ask, std::string_view text, bool with_begin) {
  const json::object body{
      {"content", text}, {"add_special", with_begin}, {"parse_special", false}, {"with_pieces", true}};
  LINNET_TRY(const auto answer, ask("/tokenize", &body));
  const auto* const list = list_in(answer, "tokens");
  if (list == nullptr) return no_answer("it cut the text into no tokens");
  std::vector<Token> tokens;
  for (const auto& one : *list) {
    const auto* const object = one.if_object();
    const auto id = object == nullptr ? std::nullopt : count_in(*object, "id");
    if (!id) return no_answer("a token has no number");
    const auto* const piece = object->if_contains("piece");
    tokens.push_back({*id, piece != nullptr && piece->is_string()});
  }
  return tokens;
}

json::array ids_of(const std::vector<std::int64_t>& tokens) {
  json::array list;
  for (const auto id : tokens) list.push_back(id);
  return list;
}

json::object completion(const std::vector<std::int64_t>& before, std::size_t count) {
  return {{"prompt", ids_of(before)}, {"n_predict", count}, {"temperature", 0}, {"cache_prompt", true}};
}

Result<double> log_probability_in(const json::object& token) {
  const auto* const value = token.if_contains("logprob");
  if (value == nullptr || !value->is_number()) return no_answer("a token has no probability");
  const auto number = value->to_number<double>();
  if (!std::isfinite(number) || number > 1e-6) return no_answer("a probability is none");
  return std::min(number, 0.0);
}

class Scoring {
 public:
  Scoring(const AskLlama& ask, std::vector<std::int64_t> before) : ask_(ask), before_(std::move(before)) {}

  // All of them in one request: no other may come.
  Status add_run(const std::vector<Token>& tokens, std::size_t from, std::size_t to) {
    std::string grammar = "root ::=";
    for (std::size_t i = from; i < to; ++i) grammar += fmt::format(" <[{}]>", tokens[i].id);
    auto body = completion(before_, to - from);
    body["n_probs"] = 1;
    body["grammar"] = grammar;
    LINNET_TRY(const auto answer, ask_("/completion", &body));
    const auto* const told = list_in(answer, "completion_probabilities");
    if (told == nullptr || told->size() != to - from)
      return no_answer("it told not one probability for each token");
    for (std::size_t i = from; i < to; ++i) {
      const auto* const token = (*told)[i - from].if_object();
      if (token == nullptr || count_in(*token, "id") != tokens[i].id)
        return no_answer("it went another way than it was made to");
      LINNET_TRY(const auto one, log_probability_in(*token));
      add(tokens[i].id, one);
    }
    return {};
  }

  // A part of a character is held back when it is answered; so a whole one is, and the part is looked for
  // among all that could have been.
  Status add_part(std::int64_t id) {
    LINNET_CHECK(look_up_vocabulary());
    auto body = completion(before_, 1);
    body["n_probs"] = vocabulary_;
    body["logit_bias"] = json::array{json::array{harmless_, 1e4}};
    LINNET_TRY(const auto answer, ask_("/completion", &body));
    const auto* const told = list_in(answer, "completion_probabilities");
    const auto* const first = told == nullptr || told->empty() ? nullptr : told->front().if_object();
    const auto* const all = first == nullptr ? nullptr : list_in(*first, "top_logprobs");
    if (all == nullptr) return no_answer("it told no probabilities");
    for (const auto& one : *all) {
      const auto* const token = one.if_object();
      if (token == nullptr || count_in(*token, "id") != id) continue;
      LINNET_TRY(const auto found, log_probability_in(*token));
      add(id, found);
      return {};
    }
    return no_answer("it told the probability of another token");
  }

  std::vector<double> take() { return std::move(found_); }

 private:
  void add(std::int64_t id, double log_probability) {
    found_.push_back(log_probability);
    before_.push_back(id);
  }

  Status look_up_vocabulary() {
    if (vocabulary_ > 0) return {};
    LINNET_TRY(const auto models, ask_("/v1/models", nullptr));
    const auto* const list = list_in(models, "data");
    const auto* const model = list == nullptr || list->empty() ? nullptr : list->front().if_object();
    const auto* const meta = model == nullptr ? nullptr : object_in(*model, "meta");
    const auto size = meta == nullptr ? std::nullopt : count_in(*meta, "n_vocab");
    if (!size || *size < 1) return no_answer("it does not say how many tokens it knows");
    LINNET_TRY(const auto plain, tokens_of(ask_, "a", false));
    if (plain.empty()) return no_answer("it cut a letter into no tokens");
    harmless_ = plain.front().id;
    vocabulary_ = *size;
    return {};
  }

  const AskLlama& ask_;
  std::vector<std::int64_t> before_;
  std::vector<double> found_;
  std::int64_t vocabulary_ = 0;
  std::int64_t harmless_ = 0;
};

}  // namespace

Result<LlamaScore> score_on_llama(const AskLlama& ask, std::string_view context,
                                  std::string_view continuation) {
  if (continuation.empty()) return invalid("continuation: expected the text that is scored, got nothing");
  LINNET_TRY(const auto before, tokens_of(ask, context, true));
  LINNET_TRY(const auto tokens, tokens_of(ask, continuation, false));
  if (tokens.empty() || tokens.size() > kMostScoredTokens)
    return invalid(
        fmt::format("continuation: expected 1 to {} tokens, got {}", kMostScoredTokens, tokens.size()));
  std::vector<std::int64_t> ids;
  for (const auto& token : before) ids.push_back(token.id);
  if (ids.empty()) return invalid("context: expected some text, as this model has no token for a beginning");
  Scoring scoring(ask, std::move(ids));
  for (std::size_t i = 0; i < tokens.size();) {
    auto end = i;
    while (end < tokens.size() && tokens[end].is_text) ++end;
    LINNET_CHECK(end > i ? scoring.add_run(tokens, i, end) : scoring.add_part(tokens[i].id));
    i = std::max(end, i + 1);
  }
  return LlamaScore{scoring.take(), static_cast<std::int64_t>(before.size())};
}

}  // namespace linnet::llm
