// Who answers: a language model on this machine, in this house or at a vendor. Table `llm_providers`, as seed
// 000 has it, with what else a call needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/secret_box.hpp"
#include "llm/privacy.hpp"
#include "store/record/entity.hpp"

namespace linnet::llm {

enum class ProviderType {
  mlx,   // mlx::NAME, a server that speaks as OpenAI's does: mlx_lm, llama.cpp, Ollama, vLLM, LM Studio
  dspy,  // dspy::VENDOR/MODEL, as LiteLLM writes it
};
BOOST_DESCRIBE_ENUM(ProviderType, mlx, dspy)

struct ProviderCapabilities {
  bool supports_chat = true;
  bool supports_logprobs = false;  // of a given text, as llama.cpp's server can be made to tell them
  bool supports_streaming = true;
  bool supports_json = true;  // takes a JSON schema; else it is asked in words
  bool supports_embeddings = false;
  std::int64_t max_context = 8'192;  // tokens, question and answer together
  double cost_per_1k_tokens = 0;
  std::optional<double> cost_per_1k_output_tokens;  // absent: the same
};

struct RateLimits {
  std::optional<std::int64_t> requests_per_minute;
  std::optional<std::int64_t> tokens_per_minute;
};

struct Provider {
  std::string id;
  ProviderType type{};
  std::string model_name;
  std::string endpoint;  // empty: the vendor's own
  bool has_key = false;
  ProviderCapabilities capabilities;
  RateLimits rate_limits;
  std::int64_t priority = 1;  // 1 is asked first
  bool enabled = true;
  Privacy privacy = Privacy::everybody;  // the most private that it may see
  Instant created_at{};
  Instant updated_at{};
};

// What a server speaks.
enum class WireFormat { openai, anthropic, gemini, built_in };

// `dspy::builtin/…`: what Linnet does itself.
inline constexpr std::string_view kBuiltInPrefix = "dspy::builtin/";
inline constexpr std::string_view kBuiltInProvider = "dspy::builtin/linnet";
bool is_built_in(std::string_view id);

struct ProviderName {
  ProviderType type{};
  std::string vendor;  // of dspy::
  std::string model;
};
// `invalid` unless it fits `(mlx|dspy)::.+`, and dspy's is VENDOR/MODEL.
Result<ProviderName> parse_provider_id(std::string_view id);

// How to ask it, and where: "https://api.openai.com/v1". `invalid` where the vendor is not known and no
// endpoint is given.
Result<WireFormat> wire_format_of(std::string_view id);
Result<std::string> endpoint_of(const Provider& provider);
// The endpoint is this very machine, so that nothing leaves it.
bool is_on_this_machine(const Provider& provider);

// `invalid` names the field. With the name's parts filled in where they were left out.
Result<Provider> completed(Provider provider);

struct ProviderChange {
  std::optional<std::string> model_name;
  std::optional<std::string> endpoint;
  std::optional<std::string> api_key;  // empty: taken away
  std::optional<bool> supports_chat;
  std::optional<bool> supports_logprobs;
  std::optional<bool> supports_streaming;
  std::optional<bool> supports_json;
  std::optional<bool> supports_embeddings;
  std::optional<std::int64_t> max_context;
  std::optional<double> cost_per_1k_tokens;
  std::optional<double> cost_per_1k_output_tokens;
  std::optional<std::int64_t> requests_per_minute;  // 0: no limit
  std::optional<std::int64_t> tokens_per_minute;
  std::optional<std::int64_t> priority;
  std::optional<bool> enabled;
  std::optional<Privacy> privacy;
};

// In the order in which they are asked: by priority, those of this machine first where that is the same.
Result<std::vector<Provider>> list_providers(store::Connection& connection);
// `not_found` says which there are.
Result<Provider> find_provider(store::Connection& connection, std::string_view id);

// Within the caller's transaction, and noted in the audit trail. `conflict`: there is one of that id, or of
// that type and priority; switching off or removing the last that is enabled.
struct Change {
  std::string actor;
  Instant now{};
};
Result<Provider> add_provider(store::Connection& connection, std::string_view id, const ProviderChange& given,
                              const SecretBox& box, const Change& by);
Result<Provider> change_provider(store::Connection& connection, std::string_view id,
                                 const ProviderChange& wanted, const SecretBox& box, const Change& by);
Status remove_provider(store::Connection& connection, std::string_view id, const Change& by);

// Empty where it has none. `corrupt` when it cannot be read with this key.
Result<std::string> key_of_provider(store::Connection& connection, std::string_view id, const SecretBox& box);

}  // namespace linnet::llm

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::ProviderCapabilities>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::RateLimits>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::Provider>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::llm::ProviderChange>();
