#include "govern/blocklist_entry.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/text_limits.hpp"
#include "govern/blocklist_forms.hpp"
#include "govern/blocklist_patterns.hpp"
#include "model/platform.hpp"
#include "model/typed_name.hpp"
#include "net/url.hpp"

namespace linnet::govern {
namespace {

constexpr std::size_t kLongestValue = 1'000;

Status check_pattern(const std::string& pattern) {
  const auto compiled = compile_pattern(pattern);
  if (compiled->ok()) return {};
  return invalid(fmt::format("value: expected a regular expression as RE2 takes it: {}", compiled->error()));
}

// Everybody is on some platform; a rule can stand for all.
std::string_view advice_on_platform(const BlocklistEntry& entry) {
  return entry.added_by == AddedBy::opt_out ? ", the one that the person is on"
                                            : ", or leave it out to mean all of them";
}

Result<std::string> normalise_domain(std::string_view value) {
  std::string text(trim(value));
  if (text.starts_with("*.")) text.erase(0, 2);  // domains always hold what is below them
  while (!text.empty() && text.back() == '.') text.pop_back();
  if (text.find("://") == std::string::npos) text.insert(0, "https://");
  const auto url = net::parse_url(text);
  const auto host = url ? host_of(text) : std::string();
  if (host.find('.') == std::string::npos) {
    return invalid(fmt::format("value: expected a domain such as example.org, got \"{}\"",
                               to_valid_utf8(value.substr(0, 80))));
  }
  return host;
}

Result<std::string> compared_form(const BlocklistEntry& entry) {
  std::string form = entry.value;
  const bool is_exact = entry.match == MatchType::exact;
  if (entry.type == EntryType::user && is_exact) {
    const auto address = model::address_as_typed(entry.value);
    if (model::parse_page_link(address))
      return invalid(
          "value: expected an id, an address (@ada@social.example) or the address of a profile, got "
          "another link");
    LINNET_CHECK(model::refuse_two_servers("value", address));
    form = user_key(address);
  } else if (entry.type == EntryType::user) {
    form = user_form(entry.value);
  }
  if (entry.type == EntryType::post && is_exact && model::parse_page_link(model::clean_name(entry.value)))
    return invalid(
        "value: expected the post's id on its server, or at://…, got a link: no id would be the same");
  if (entry.type == EntryType::keyword) form = word_form(entry.value);
  if (entry.type == EntryType::domain && is_exact) return normalise_domain(entry.value);
  if (entry.type == EntryType::domain) form = word_form(entry.value);
  if (!form.empty()) return form;
  return invalid(fmt::format("value: expected a name or word that can be seen, got \"{}\"", entry.value));
}

}  // namespace

std::string_view to_string(EntryType type) {
  return enum_name(type);
}
std::string_view to_string(MatchType type) {
  return enum_name(type);
}
std::string_view to_string(AddedBy by) {
  return enum_name(by);
}
std::optional<EntryType> parse_entry_type(std::string_view name) {
  return parse_enum<EntryType>(name);
}
std::optional<MatchType> parse_match_type(std::string_view name) {
  return parse_enum<MatchType>(name);
}
std::optional<AddedBy> parse_added_by(std::string_view name) {
  return parse_enum<AddedBy>(name);
}

Result<BlocklistEntry> normalise(BlocklistEntry entry, Instant now) {
  entry.value = trim(entry.value);
  if (entry.value.empty()) return invalid("value: expected a name, id, word, domain or pattern, got nothing");
  if (entry.value.size() > kLongestValue)
    return invalid(fmt::format("value: at most {} bytes, got {}", kLongestValue, entry.value.size()));
  if (!is_valid_utf8(entry.value) || entry.value.find('\0') != std::string::npos)
    return invalid("value: expected valid UTF-8 without NUL");
  entry.reason =
      to_valid_utf8(trim(entry.reason));  // comments of other servers' lists may be in any encoding
  // Those of lists are as long as others made them.
  if (entry.reason.size() > kLongestReason)
    entry.reason = std::string(truncate_utf8(entry.reason, kLongestReason)) + "…";
  if (entry.reason.empty()) return invalid("reason: say why, so that others can tell later");
  if (entry.expires_at && *entry.expires_at <= now) return invalid("expires_at: expected a moment ahead");
  if (entry.added_by == AddedBy::opt_out && entry.expires_at)
    return invalid("expires_at: an opt-out stands for good");
  LINNET_TRY(entry.platform, model::read_platform("platform", entry.platform, advice_on_platform(entry)));
  if (entry.match == MatchType::regex) {
    LINNET_CHECK(check_pattern(entry.value));
    return entry;
  }
  LINNET_TRY(entry.value, compared_form(entry));
  return entry;
}

}  // namespace linnet::govern
