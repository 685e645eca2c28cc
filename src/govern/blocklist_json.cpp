#include "govern/blocklist_json.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "base/text.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

std::string trimmed(const json::object& object, std::string_view name) {
  return std::string(trim(text_view_in(object, name)));
}

Result<BlocklistEntry> read_item(const json::value& item, BlocklistEntry entry, Silenced silenced,
                                 Instant now) {
  entry.type = EntryType::domain;
  entry.match = MatchType::exact;
  if (item.is_string()) {
    entry.value = std::string_view(item.as_string());
  } else if (const auto* const object = item.if_object()) {
    entry.value = trimmed(*object, "domain");
    if (entry.value.empty()) return invalid("it names no domain");
    LINNET_CHECK(check_severity(trimmed(*object, "severity"), silenced));
    for (const auto* const name : {"comment", "public_comment"}) {
      if (auto said = trimmed(*object, name); !said.empty()) entry.reason = std::move(said);
    }
    if (only_limits(trimmed(*object, "severity"))) entry.reason.insert(0, kOnlyLimited);
  } else {
    return invalid("expected a domain, or an object with a \"domain\"");
  }
  if (entry.value.find('*') != std::string::npos && !entry.value.starts_with("*."))
    return invalid(fmt::format("\"{}\" is made unreadable by its server", to_valid_utf8(entry.value)));
  return normalise(std::move(entry), now);
}

}  // namespace

Result<CsvImport> read_blocklist_json(std::string_view text, const BlocklistEntry& like, Silenced silenced,
                                      Instant now) {
  boost::system::error_code code;
  const auto value = json::parse(text, code);
  if (code)
    return invalid(fmt::format("the file begins like JSON and cannot be read as such: {}", code.message()));
  if (!value.is_array())
    return invalid(
        "expected a list of domains, such as [{\"domain\": \"bad.example\"}], got one JSON object");
  CsvImport import;
  import.is_json = true;
  std::size_t number = 0;
  for (const auto& item : value.as_array()) {
    ++number;
    auto entry = read_item(item, like, silenced, now);
    if (entry) {
      import.entries.push_back(std::move(entry).value());
    } else {
      import.problems.push_back({number, entry.error().safe});
    }
  }
  return import;
}

}  // namespace linnet::govern
