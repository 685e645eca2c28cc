#include "llm/provider.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "base/text_limits.hpp"
#include "net/url.hpp"
#include "store/record/members.hpp"

namespace linnet::llm {
namespace {

struct Vendor {
  std::string_view name;  // as LiteLLM writes it
  WireFormat format;
  std::string_view endpoint;
};
constexpr std::array kVendors{
    Vendor{"openai", WireFormat::openai, "https://api.openai.com/v1"},
    Vendor{"anthropic", WireFormat::anthropic, "https://api.anthropic.com/v1"},
    Vendor{"gemini", WireFormat::gemini, "https://generativelanguage.googleapis.com/v1beta"},
    Vendor{"together_ai", WireFormat::openai, "https://api.together.xyz/v1"},
    Vendor{"mistral", WireFormat::openai, "https://api.mistral.ai/v1"},
    Vendor{"groq", WireFormat::openai, "https://api.groq.com/openai/v1"},
    Vendor{"deepseek", WireFormat::openai, "https://api.deepseek.com/v1"},
    Vendor{"openrouter", WireFormat::openai, "https://openrouter.ai/api/v1"},
    Vendor{"huggingface", WireFormat::openai, "https://router.huggingface.co/v1"},
    Vendor{"builtin", WireFormat::built_in, ""},
};
// Where mlx_lm.server listens unless it is told otherwise.
constexpr std::string_view kMlxEndpoint = "http://127.0.0.1:8080/v1";

const Vendor* find_vendor(std::string_view name) {
  const auto* const found = std::find_if(kVendors.begin(), kVendors.end(),
                                         [&](const Vendor& vendor) { return vendor.name == name; });
  return found == kVendors.end() ? nullptr : found;
}

bool has_odd_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c <= 0x20U || c == 0x7fU || c == '"' || c == '\\'; });
}

Error wrong_id(std::string_view id) {
  return invalid(
      fmt::format("provider: expected mlx::NAME, or dspy::VENDOR/MODEL such as dspy::openai/gpt-4o-mini, got "
                  "\"{}\"",
                  to_valid_utf8(truncate_utf8(id, 80))));
}

Status check_cost(std::string_view name, double cost) {
  if (std::isfinite(cost) && cost >= 0 && cost <= 1'000) return {};
  return invalid(fmt::format("{}: expected 0 to 1000 for a thousand tokens, got {}", name, cost));
}

Status check_limit(std::string_view name, const std::optional<std::int64_t>& limit) {
  if (!limit || (*limit >= 1 && *limit <= 1'000'000'000)) return {};
  return invalid(
      fmt::format("{}: expected 1 to 1000000000 a minute, or 0 for no limit, got {}", name, *limit));
}

Status check_endpoint(const std::string& endpoint) {
  if (endpoint.empty()) return {};
  const auto url = net::parse_url(endpoint);
  if (url && (url->scheme == "http" || url->scheme == "https") && url->query.empty()) return {};
  return invalid(fmt::format("endpoint: expected an address such as http://127.0.0.1:8080/v1, got \"{}\"",
                             to_valid_utf8(truncate_utf8(endpoint, 80))));
}

}  // namespace

bool is_built_in(std::string_view id) {
  return id.starts_with(kBuiltInPrefix);
}

Result<ProviderName> parse_provider_id(std::string_view id) {
  ProviderName name;
  const auto colons = id.find("::");
  if (colons == std::string_view::npos || id.size() > kLongestKey || !is_valid_utf8(id) ||
      has_odd_characters(id))
    return wrong_id(id);
  const auto type = parse_enum<ProviderType>(id.substr(0, colons));
  if (!type) return wrong_id(id);
  name.type = *type;
  name.model = id.substr(colons + 2);
  if (name.type == ProviderType::dspy) {
    const auto slash = name.model.find('/');
    if (slash == std::string::npos) return wrong_id(id);
    name.vendor = name.model.substr(0, slash);
    name.model.erase(0, slash + 1);
    if (name.vendor.empty()) return wrong_id(id);
  }
  if (name.model.empty()) return wrong_id(id);
  return name;
}

// A vendor whose name is not known speaks as OpenAI does, as most do, and has to say where.
Result<WireFormat> wire_format_of(std::string_view id) {
  LINNET_TRY(const auto name, parse_provider_id(id));
  if (name.type == ProviderType::mlx) return WireFormat::openai;
  const auto* const vendor = find_vendor(name.vendor);
  return vendor == nullptr ? WireFormat::openai : vendor->format;
}

Result<std::string> endpoint_of(const Provider& provider) {
  auto endpoint = provider.endpoint;
  if (endpoint.empty()) {
    LINNET_TRY(const auto name, parse_provider_id(provider.id));
    const auto* const vendor = find_vendor(name.vendor);
    if (name.type == ProviderType::dspy && vendor == nullptr)
      return invalid(
          fmt::format("endpoint: expected one, as {} is not among the vendors whose address is known",
                      to_valid_utf8(truncate_utf8(name.vendor, 60))));
    endpoint = name.type == ProviderType::mlx ? kMlxEndpoint : vendor->endpoint;
  }
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint;
}

bool is_on_this_machine(const Provider& provider) {
  if (is_built_in(provider.id)) return true;
  const auto endpoint = endpoint_of(provider);
  const auto url = endpoint ? net::parse_url(*endpoint) : Result<net::Url>(endpoint.error());
  return url && net::is_loopback_host(url->host);
}

Result<Provider> completed(Provider provider) {
  LINNET_TRY(const auto name, parse_provider_id(provider.id));
  provider.type = name.type;
  if (provider.model_name.empty()) provider.model_name = name.model;
  LINNET_CHECK(check_length("model_name", provider.model_name, kLongestKey));
  if (has_odd_characters(provider.model_name))
    return invalid("model_name: expected a name without blanks and quotation marks");
  LINNET_CHECK(check_endpoint(provider.endpoint));
  if (!is_built_in(provider.id)) {
    LINNET_TRY(const auto endpoint, endpoint_of(provider));
    (void)endpoint;
  }
  if (provider.priority < 1 || provider.priority > 1'000'000)
    return invalid(fmt::format("priority: expected 1 (asked first) to 1000000, got {}", provider.priority));
  const auto& can = provider.capabilities;
  if (can.max_context < 256 || can.max_context > 100'000'000)
    return invalid(fmt::format("max_context: expected 256 to 100000000 tokens, got {}", can.max_context));
  LINNET_CHECK(check_cost("cost_per_1k_tokens", can.cost_per_1k_tokens));
  LINNET_CHECK(check_cost("cost_per_1k_output_tokens",
                          can.cost_per_1k_output_tokens.value_or(can.cost_per_1k_tokens)));
  // It takes many requests to score one text, whose price nobody could reserve.
  if (can.supports_logprobs && (can.cost_per_1k_tokens > 0 || can.cost_per_1k_output_tokens.value_or(0) > 0))
    return invalid("cost_per_1k_tokens: expected 0 of a provider that supports_logprobs");
  LINNET_CHECK(check_limit("requests_per_minute", provider.rate_limits.requests_per_minute));
  LINNET_CHECK(check_limit("tokens_per_minute", provider.rate_limits.tokens_per_minute));
  return provider;
}

}  // namespace linnet::llm

namespace linnet::record {

using llm::Provider;
using llm::ProviderCapabilities;
using llm::ProviderChange;
using llm::RateLimits;

template <>
const Entity& entity_of<ProviderCapabilities>() {
  using Can = ProviderCapabilities;
  static const Entity described = entity<Can>(
      {.name = "ProviderCapabilities"},
      {field<&Can::supports_chat>("supports_chat"), field<&Can::supports_logprobs>("supports_logprobs"),
       field<&Can::supports_streaming>("supports_streaming"), field<&Can::supports_json>("supports_json"),
       field<&Can::supports_embeddings>("supports_embeddings"), field<&Can::max_context>("max_context"),
       field<&Can::cost_per_1k_tokens>("cost_per_1k_tokens"),
       field<&Can::cost_per_1k_output_tokens>("cost_per_1k_output_tokens")});
  return described;
}
template <>
const Entity& entity_of<RateLimits>() {
  static const Entity described = entity<RateLimits>(
      {.name = "RateLimits"}, {field<&RateLimits::requests_per_minute>("requests_per_minute"),
                               field<&RateLimits::tokens_per_minute>("tokens_per_minute")});
  return described;
}
// As seed 000 names its members.
template <>
const Entity& entity_of<Provider>() {
  static const Entity described = entity<Provider>(
      {.name = "LanguageModelProvider", .table = "llm_providers"},
      {field<&Provider::id>("provider_id").in_column("id").key().like("dspy::openai/gpt-4o-mini"),
       field<&Provider::type>("provider_type").in_column("type").fixed(),
       field<&Provider::model_name>("model_name").like("gpt-4o-mini"),
       field<&Provider::endpoint>("endpoint").or_null().like("https://api.openai.com/v1"),
       field<&Provider::has_key>("has_key").worked_out("CASE WHEN api_key IS NULL THEN 0 ELSE 1 END"),
       field<&Provider::capabilities>("capabilities"), field<&Provider::rate_limits>("rate_limits"),
       field<&Provider::priority>("priority"), field<&Provider::enabled>("enabled"),
       field<&Provider::privacy>("privacy").means("The most private that it may see"),
       field<&Provider::created_at>("created_at").fixed(), field<&Provider::updated_at>("updated_at")});
  return described;
}
template <>
const Entity& entity_of<ProviderChange>() {
  using Change = ProviderChange;
  static const Entity described = entity<Change>(
      {.name = "LanguageModelProviderChange", .example = R"({"priority":2,"enabled":true})"},
      {field<&Change::model_name>("model_name").means("What the server calls it; absent: as the id says"),
       field<&Change::endpoint>("endpoint").means("Absent: the vendor's own, or 127.0.0.1:8080 for mlx"),
       field<&Change::api_key>("api_key")
           .at_most(kLongestSecret)
           .means("Kept sealed, and never shown; empty takes it away"),
       field<&Change::supports_chat>("supports_chat"),
       field<&Change::supports_logprobs>("supports_logprobs")
           .means("Tells how probable a given text is, as llama.cpp's server can be made to"),
       field<&Change::supports_streaming>("supports_streaming"),
       field<&Change::supports_json>("supports_json").means("Takes a JSON schema for its answers"),
       field<&Change::supports_embeddings>("supports_embeddings"),
       field<&Change::max_context>("max_context").means("Tokens, question and answer together"),
       field<&Change::cost_per_1k_tokens>("cost_per_1k_tokens"),
       field<&Change::cost_per_1k_output_tokens>("cost_per_1k_output_tokens")
           .means("Of its answers, where that is another price"),
       field<&Change::requests_per_minute>("requests_per_minute").means("0: no limit"),
       field<&Change::tokens_per_minute>("tokens_per_minute").means("0: no limit"),
       field<&Change::priority>("priority").means("1 is asked first; unique among those of its type"),
       field<&Change::enabled>("enabled"),
       field<&Change::privacy>("privacy").means("The most private that it may see: everybody (public posts), "
                                                "derived (what only some may see), dm (direct messages)")});
  return described;
}

}  // namespace linnet::record
