#include "llm/prepared.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "base/binary_text.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "llm/json_shape.hpp"
#include "llm/prompt_template.hpp"
#include "store/sealing_key.hpp"

namespace linnet::llm {
namespace {

namespace json = boost::json;

constexpr std::string_view kHashKey = "llm_hashes";
constexpr std::string_view kUnderKey = "k1:";
constexpr int kMostAnswerTokens = 100'000;

Status check_parameters(const Question& question) {
  const auto& wanted = question.parameters;
  if (wanted.max_tokens < 1 || wanted.max_tokens > kMostAnswerTokens)
    return invalid(fmt::format("max_tokens: expected 1 to {}, got {}", kMostAnswerTokens, wanted.max_tokens));
  if (!std::isfinite(wanted.temperature) || wanted.temperature < 0 || wanted.temperature > 2)
    return invalid(fmt::format("temperature: expected 0 to 2, got {}", wanted.temperature));
  if (wanted.stop.size() > 4) return invalid("stop: expected at most four texts");
  if (!question.schema) return {};
  if (question.on_piece) return invalid("an answer that is checked cannot be handed on in pieces");
  return check_schema(*question.schema);
}

}  // namespace

Result<std::string> TextHashes::open_key(store::Connection& connection, const SecretBox& box) {
  LINNET_TRY(const auto sealed,
             store::query_text(connection, "SELECT sealed FROM sealed_keys WHERE id = $1", {kHashKey}));
  if (sealed) {
    auto key = box.unseal(*sealed, kHashKey);
    if (key) return key;
    // With it goes no more than that what was asked before is recognised.
    log::warn("the key of hashes of questions: {}; a new one is made", key.error().message);
  }
  LINNET_TRY(auto key, random_bytes(32));
  LINNET_CHECK(store::refuse_old_key(connection, box));
  LINNET_TRY(const auto fresh, box.seal(key, kHashKey));
  LINNET_CHECK(store::run(connection,
                          R"(INSERT INTO sealed_keys (id, sealed) VALUES ($1, $2)
                             ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed)",
                          {kHashKey, std::string_view(fresh)}));
  return key;
}

std::string TextHashes::of(std::string_view text, Privacy privacy) const {
  auto hash = sha256_hex(text);
  if (privacy == Privacy::everybody) return hash;
  return std::string(kUnderKey) + sha256_hex(key_ + hash);
}

Result<Prepared> prepare(const Question& question, const PromptVersion& prompt, const TextHashes& hashes) {
  LINNET_CHECK(check_parameters(question));
  Prepared prepared;
  prepared.prompt = prompt.name;
  prepared.prompt_version = prompt.version;
  const auto mark = data_mark(question.variables);
  LINNET_TRY(auto system, render(prompt.system_text, question.variables, mark));
  LINNET_TRY(auto user, render(prompt.user_text, question.variables, mark));
  for (const auto& more :
       {about_marks(question.variables, mark), question.schema ? about_schema(*question.schema) : ""}) {
    if (!more.empty()) system += (system.empty() ? "" : "\n\n") + more;
  }
  prepared.input_hash =
      hashes.of(question.judged.empty() ? user : question.judged, question.contents.privacy);
  prepared.conversation.system = std::move(system);
  prepared.conversation.messages.push_back({Speaker::user, std::move(user)});
  return prepared;
}

std::string cache_key_of(const Question& question, const Prepared& prepared, std::string_view model,
                         const TextHashes& hashes) {
  const auto& how = question.parameters;
  json::array stop;
  for (const auto& text : how.stop) stop.emplace_back(text);
  const json::array whole{
      model,
      prepared.prompt,
      prepared.prompt_version,
      prepared.conversation.system,
      prepared.conversation.messages.front().text,
      how.temperature,
      how.max_tokens,
      how.seed ? json::value(*how.seed) : json::value(),
      std::move(stop),
      question.schema ? json::value(*question.schema) : json::value(),
  };
  return hashes.of(json::serialize(whole), question.contents.privacy);
}

std::string about_schema(const json::object& schema) {
  return fmt::format("Answer with JSON alone, without any words around it, that fits this schema:\n{}",
                     json::serialize(schema));
}

std::string about_mistake(const Error& mistake) {
  return fmt::format("That does not fit: {}. Answer again, with the JSON alone.", mistake.message);
}

}  // namespace linnet::llm
