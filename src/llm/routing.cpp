#include "llm/routing.hpp"

#include <fmt/format.h>

#include <optional>

namespace linnet::llm {
namespace {

bool can_do(const Provider& provider, CallKind what) {
  const auto& can = provider.capabilities;
  switch (what) {
    case CallKind::ask:
      return can.supports_chat;
    case CallKind::embed:
      return can.supports_embeddings;
    case CallKind::score:
      return can.supports_logprobs;
  }
  return false;
}

std::string_view in_words(CallKind what) {
  switch (what) {
    case CallKind::ask:
      return "answers questions";
    case CallKind::embed:
      return "makes embeddings";
    case CallKind::score:
      return "tells how probable a given text is";
  }
  return {};
}

// Why it is not asked; nullopt: it may be.
std::optional<Error> obstacle(const Provider& provider, const Needs& needs) {
  if (!provider.enabled) return unavailable(fmt::format("{} is switched off", provider.id));
  if (is_built_in(provider.id) || !can_do(provider, needs.what))
    return unavailable(fmt::format("{} is none that {}", provider.id, in_words(needs.what)));
  if (needs.least_tokens > provider.capabilities.max_context)
    return invalid(fmt::format("{} takes at most {} tokens, and this is longer", provider.id,
                               provider.capabilities.max_context));
  if (needs.privacy > provider.privacy) {
    return Error::of(
        ErrorKind::denied,
        fmt::format("{} may not see this: it is {}, and the provider is allowed {} (linnet provider "
                    "change {} --privacy {})",
                    provider.id, enum_name(needs.privacy), enum_name(provider.privacy), provider.id,
                    enum_name(needs.privacy)));
  }
  return std::nullopt;
}

// Of several obstacles the one is told that somebody can do something about.
int weight(const Error& error) {
  if (error.kind == ErrorKind::denied) return 2;
  return error.kind == ErrorKind::invalid ? 1 : 0;
}

}  // namespace

Result<std::vector<Provider>> route(const std::vector<Provider>& all, const Needs& needs) {
  std::vector<Provider> candidates;
  std::optional<Error> in_the_way;
  for (const auto& provider : all) {
    if (!needs.provider.empty() && provider.id != needs.provider) continue;
    auto found = obstacle(provider, needs);
    if (!found) candidates.push_back(provider);
    if (found && (!in_the_way || weight(*found) > weight(*in_the_way))) in_the_way = std::move(found);
  }
  if (!candidates.empty()) return candidates;
  if (!needs.provider.empty() && in_the_way) return *in_the_way;
  if (!needs.provider.empty())
    return not_found(fmt::format("provider: there is no {}; linnet provider list shows all", needs.provider));
  if (in_the_way && weight(*in_the_way) > 0) return *in_the_way;
  return unavailable(fmt::format("there is no provider that {}; add one: linnet provider add mlx::NAME",
                                 in_words(needs.what)));
}

}  // namespace linnet::llm
