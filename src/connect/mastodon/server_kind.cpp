#include "connect/mastodon/server_kind.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "connect/mastodon/acting_mastodon.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;

// Software whose code is Mastodon's own.
constexpr std::array kForks{"mastodon", "hometown", "glitch", "glitch-soc", "fedibird", "kmyblue", "ecko"};
constexpr std::array kPleromas{"pleroma", "akkoma", "rebased"};
// Mastodon 4.5 took quotes into its API (version 7 of it).
constexpr int kApiWithQuotes = 7;

bool is_among(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string without_fork(const std::string& name) {
  return is_among(kForks, name) ? "mastodon" : name;
}

ServerFamily family_of(std::string_view software) {
  if (software == "mastodon") return ServerFamily::mastodon;
  return is_among(kPleromas, software) ? ServerFamily::pleroma : ServerFamily::other;
}

// "GoToSocial 0.19.1" of "3.5.3 (compatible; GoToSocial 0.19.1)"; empty where there is none.
std::string_view compatible_part(std::string_view version) {
  constexpr std::string_view kMark = "(compatible;";
  const auto at = version.find(kMark);
  if (at == std::string_view::npos) return {};
  const auto rest = version.substr(at + kMark.size());
  return trim(rest.substr(0, rest.find(')')));
}

void read_version(std::string_view text, ServerKind& kind) {
  const auto* const end = text.data() + text.size();
  const auto [after, failed] = std::from_chars(text.data(), end, kind.major);
  if (failed == std::errc() && after != end && *after == '.') std::from_chars(after + 1, end, kind.minor);
}

// By what the instance says of itself alone.
void read_name(const json::object& instance, ServerKind& kind) {
  const auto version = text_or_number_in(instance, "version");
  if (const auto other = compatible_part(version); !other.empty()) {
    const auto space = std::min(other.find_first_of(" /"), other.size());
    kind.software = without_fork(fold_case(other.substr(0, space)));
    read_version(trim(other.substr(space)), kind);
    return;
  }
  read_version(version, kind);
  const bool begins_with_number = !version.empty() && version[0] >= '0' && version[0] <= '9';
  if (!begins_with_number) {
    kind.software = without_fork(fold_case(version.substr(0, version.find_first_of(" /"))));
    return;
  }
  kind.software = kind.major == 0 ? "gotosocial" : "mastodon";
  // It may give a version of Mastodon's in front of its own, for programs that look no further: snac2 says
  // «4.0.0 (not true; really snac/2.77)».
  if (version.find('(') != std::string::npos) kind.software.clear();
  const auto source = fold_case(text_or_number_in(instance, "source_url"));
  for (const std::string_view other : {"gotosocial", "pleroma", "akkoma"}) {
    if (source.find(other) != std::string::npos) kind.software = other;
  }
}

bool is_at_least(const ServerKind& kind, int major, int minor) {
  return kind.major > major || (kind.major == major && kind.minor >= minor);
}

std::int64_t api_version_of(const json::object& instance) {
  const auto* const versions = object_in(instance, "api_versions");
  return versions == nullptr ? 0 : acting::number_in(*versions, "mastodon", 0);
}

}  // namespace

ServerKind server_kind(const json::object& instance, std::string_view nodeinfo_name) {
  ServerKind kind;
  read_name(instance, kind);
  const auto named = without_fork(fold_case(nodeinfo_name));
  // Two that contradict each other: the one that is not Mastodon says why.
  const bool may_be_other = kind.software == "mastodon" || (kind.software.empty() && named != "mastodon");
  if (!named.empty() && may_be_other) kind.software = named;
  kind.family = family_of(kind.software);
  const bool is_mastodon = kind.family == ServerFamily::mastodon;
  // Pleroma.Web.Plugs.IdempotencyPlug; Mastodon's PostStatusService. GoToSocial allows the header and does
  // not read it.
  kind.recognises_repeats = kind.family != ServerFamily::other;
  kind.quotes = is_mastodon && (api_version_of(instance) >= kApiWithQuotes || is_at_least(kind, 4, 5));
  if (is_mastodon) kind.edits = is_at_least(kind, 3, 5);
  return kind;
}

Capabilities without_missing(Capabilities capabilities, const ServerKind& kind) {
  capabilities.has_idempotency_key = capabilities.has_idempotency_key && kind.recognises_repeats;
  capabilities.quotes = capabilities.quotes && kind.quotes;
  if (!kind.edits) capabilities.actions.erase(model::ActionType::edit_post);
  return capabilities;
}

}  // namespace linnet::connect::mastodon
