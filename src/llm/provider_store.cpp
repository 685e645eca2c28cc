// Rows of `llm_providers`, and the rules that hold among them.
#include <fmt/format.h>

#include "base/text.hpp"
#include "base/text_limits.hpp"
#include "govern/audit.hpp"
#include "llm/provider.hpp"
#include "net/url.hpp"
#include "store/record/sql.hpp"
#include "store/sealing_key.hpp"

namespace linnet::llm {
namespace {

template <typename T>
void take(const std::optional<T>& wanted, T& into) {
  if (wanted) into = *wanted;
}

void take_limit(const std::optional<std::int64_t>& wanted, std::optional<std::int64_t>& into) {
  if (wanted) into = *wanted == 0 ? std::optional<std::int64_t>() : wanted;
}

void apply(const ProviderChange& wanted, Provider& provider) {
  take(wanted.model_name, provider.model_name);
  take(wanted.endpoint, provider.endpoint);
  auto& can = provider.capabilities;
  take(wanted.supports_chat, can.supports_chat);
  take(wanted.supports_logprobs, can.supports_logprobs);
  take(wanted.supports_streaming, can.supports_streaming);
  take(wanted.supports_json, can.supports_json);
  take(wanted.supports_embeddings, can.supports_embeddings);
  take(wanted.max_context, can.max_context);
  take(wanted.cost_per_1k_tokens, can.cost_per_1k_tokens);
  if (wanted.cost_per_1k_output_tokens) can.cost_per_1k_output_tokens = wanted.cost_per_1k_output_tokens;
  take_limit(wanted.requests_per_minute, provider.rate_limits.requests_per_minute);
  take_limit(wanted.tokens_per_minute, provider.rate_limits.tokens_per_minute);
  take(wanted.priority, provider.priority);
  take(wanted.enabled, provider.enabled);
  take(wanted.privacy, provider.privacy);
}

Status refuse_taken_priority(store::Connection& connection, const Provider& provider) {
  LINNET_TRY(const auto other,
             store::query_text(connection,
                               "SELECT id FROM llm_providers WHERE type = $1 AND priority = $2 AND id <> $3",
                               {enum_name(provider.type), provider.priority, std::string_view(provider.id)}));
  if (!other) return {};
  return Error::of(
      ErrorKind::conflict,
      fmt::format("priority: {} has {} already, and each of type {} has its own; choose another, or "
                  "change that one first",
                  *other, provider.priority, enum_name(provider.type)));
}

// Seed 000: at least one is enabled.
Status refuse_last(store::Connection& connection, std::string_view id) {
  LINNET_TRY(const auto others,
             store::query_integer(connection,
                                  "SELECT count(*) FROM llm_providers WHERE enabled = 1 AND id <> $1", {id}));
  if (others.value_or(0) > 0) return {};
  return Error::of(
      ErrorKind::conflict,
      fmt::format("enabled: {} is the last one, and at least one has to be; switch another on first", id));
}

Status keep_key(store::Connection& connection, std::string_view id, const std::optional<std::string>& key,
                const SecretBox& box) {
  if (!key) return {};
  LINNET_CHECK(check_length("api_key", *key, kLongestSecret));
  for (const unsigned char c : *key) {
    if (c <= 0x20U || c >= 0x7fU) return invalid("api_key: expected one word, as the vendor gave it");
  }
  std::string sealed;
  if (!key->empty()) {
    LINNET_CHECK(store::refuse_old_key(connection, box));
    LINNET_TRY(sealed, box.seal(*key, id));
  }
  return store::run(connection, "UPDATE llm_providers SET api_key = $2 WHERE id = $1",
                    {id, store::text_or_null(sealed)});
}

Status note(store::Connection& connection, std::string_view what, std::string_view id, const Change& by) {
  govern::AuditEntry entry;
  entry.event = govern::AuditEvent::action_complete;
  entry.actor = by.actor;
  entry.outcome = govern::AuditOutcome::success;
  entry.details = {{"what", what}, {"provider", id}};
  return govern::append_audit(connection, std::move(entry), by.now);
}

bool is_same_server(const Provider& one, const Provider& other) {
  const auto here = endpoint_of(one);
  const auto there = endpoint_of(other);
  return here && there && net::same_origin(*here, *there);
}

// The lowest that no other of its type has.
Result<std::int64_t> next_priority(store::Connection& connection, ProviderType type) {
  LINNET_TRY(const auto last,
             store::query_integer(
                 connection, "SELECT max(priority) FROM llm_providers WHERE type = $1 AND priority < 1000",
                 {enum_name(type)}));
  return last.value_or(0) + 1;
}

}  // namespace

Result<std::vector<Provider>> list_providers(store::Connection& connection) {
  return record::find_all<Provider>(connection,
                                    "1 = 1 ORDER BY priority, CASE type WHEN 'mlx' THEN 0 ELSE 1 END, id");
}

Result<Provider> find_provider(store::Connection& connection, std::string_view id) {
  LINNET_TRY(auto found, record::find_first<Provider>(connection, "id = $1", {id}));
  if (found) return std::move(*found);
  LINNET_TRY(const auto all, list_providers(connection));
  std::string names;
  for (const auto& one : all) names += (names.empty() ? "" : ", ") + one.id;
  return not_found(
      fmt::format("provider: there is no {}; there are {}", to_valid_utf8(truncate_utf8(id, 80)), names));
}

Result<Provider> add_provider(store::Connection& connection, std::string_view id, const ProviderChange& given,
                              const SecretBox& box, const Change& by) {
  Provider provider;
  provider.id = id;
  LINNET_TRY(const auto name, parse_provider_id(id));
  if (is_built_in(id))
    return invalid(
        "provider: dspy::builtin/… is what Linnet does itself; it is there already, and has no other");
  LINNET_TRY(provider.priority, next_priority(connection, name.type));
  apply(given, provider);
  // What stays on this machine may see everything, unless it was said otherwise.
  if (!given.privacy) provider.privacy = is_on_this_machine(provider) ? Privacy::dm : Privacy::everybody;
  provider.created_at = provider.updated_at = by.now;
  LINNET_TRY(provider, completed(std::move(provider)));
  LINNET_TRY(const auto there, record::find_first<Provider>(connection, "id = $1", {id}));
  if (there)
    return Error::of(ErrorKind::conflict,
                     fmt::format("provider: {} is there already; change it instead", id));
  LINNET_CHECK(refuse_taken_priority(connection, provider));
  LINNET_CHECK(record::insert(connection, provider));
  LINNET_CHECK(keep_key(connection, id, given.api_key, box));
  LINNET_CHECK(note(connection, "provider_added", id, by));
  return find_provider(connection, id);
}

Result<Provider> change_provider(store::Connection& connection, std::string_view id,
                                 const ProviderChange& wanted, const SecretBox& box, const Change& by) {
  LINNET_TRY(const auto before, find_provider(connection, id));
  auto provider = before;
  apply(wanted, provider);
  provider.updated_at = by.now;
  LINNET_TRY(provider, completed(std::move(provider)));
  const bool has_moved = !is_built_in(id) && !is_same_server(before, provider);
  if (has_moved && !wanted.privacy && !is_on_this_machine(provider)) provider.privacy = Privacy::everybody;
  if (is_built_in(id) && (provider.capabilities.supports_chat || wanted.api_key || wanted.endpoint))
    return invalid("provider: what Linnet does itself has no server, no key and no chat");
  LINNET_CHECK(refuse_taken_priority(connection, provider));
  if (!provider.enabled) LINNET_CHECK(refuse_last(connection, id));
  LINNET_CHECK(record::update(connection, provider));
  // A key that one server was given is not for the next.
  LINNET_CHECK(
      keep_key(connection, id, has_moved ? wanted.api_key.value_or(std::string()) : wanted.api_key, box));
  // Whoever changes it wants it tried anew.
  LINNET_CHECK(store::run(connection, "DELETE FROM llm_health WHERE provider_id = $1", {id}));
  LINNET_CHECK(store::run(connection, "DELETE FROM llm_buckets WHERE provider_id = $1", {id}));
  LINNET_CHECK(note(connection, "provider_changed", id, by));
  return find_provider(connection, id);
}

Status remove_provider(store::Connection& connection, std::string_view id, const Change& by) {
  LINNET_TRY(const auto provider, find_provider(connection, id));
  if (is_built_in(id))
    return invalid("provider: what Linnet does itself stays; switch it off where it is not wanted");
  if (provider.enabled) LINNET_CHECK(refuse_last(connection, id));
  LINNET_CHECK(store::run(connection, "DELETE FROM llm_providers WHERE id = $1", {id}));
  return note(connection, "provider_removed", id, by);
}

Result<std::string> key_of_provider(store::Connection& connection, std::string_view id,
                                    const SecretBox& box) {
  LINNET_TRY(const auto sealed,
             store::query_text(connection, "SELECT api_key FROM llm_providers WHERE id = $1", {id}));
  if (!sealed || sealed->empty()) return std::string();
  auto key = box.unseal(*sealed, id);
  if (key) return key;
  return Error::of(ErrorKind::corrupt,
                   fmt::format("the key of {} cannot be read with this data folder's; give it again: linnet "
                               "provider change {} --api-key …",
                               id, id));
}

}  // namespace linnet::llm
