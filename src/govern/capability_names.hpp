// What can be said of a platform, by name: the connectors' answers as rows of the table
// platform_capabilities.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/acting_connector.hpp"

namespace linnet::govern {

enum class CapabilityForm {
  flag,    // yes or no
  number,  // a most
  list,    // of names, separated by commas; empty: any
  word,
};

struct CapabilityName {
  std::string type;  // content, media, api, limits
  std::string name;  // "max_character_limit"
  std::string description;
  CapabilityForm form{};
  bool may_be_set = true;  // by a person, lower than the platform says
};

const std::vector<CapabilityName>& capability_names();
// `invalid` names the field, what was given and what there is.
Result<const CapabilityName*> find_capability(std::string_view type, std::string_view name);

// By "type/name".
using CapabilityValues = std::map<std::string, std::string>;
CapabilityValues values_of(const connect::Capabilities& capabilities);
CapabilityValues values_of(const connect::PlatformLimits& limits);
// Whether PlatformLimits say it, by "type/name".
bool is_limit(std::string_view key);
// nullopt where nothing is said. A limit that is not among the values is none.
std::optional<connect::Capabilities> capabilities_from(const CapabilityValues& values);
std::optional<connect::PlatformLimits> limits_from(const CapabilityValues& values);

// A value that a person gave, as it is kept. `invalid` names what was expected.
Result<std::string> read_capability_value(const CapabilityName& name, std::string_view given);
// The stricter of two values: no before yes, the lower number, what is in both lists. nullopt where none
// fits both: nothing is left of the lists.
std::optional<std::string> stricter_of(const CapabilityName& name, const std::string& one,
                                       const std::string& other);
// Where both speak, the stricter; else whichever speaks.
CapabilityValues stricter_of(const CapabilityValues& some, const CapabilityValues& others);

}  // namespace linnet::govern
