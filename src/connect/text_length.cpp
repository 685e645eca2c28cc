#include "connect/text_length.hpp"

#include "base/text.hpp"
#include "connect/mastodon/countable_text.hpp"

namespace linnet::connect {
namespace {

using Unit = PlatformLimits::Unit;

struct UnitName {
  std::string_view name;
  Unit unit;
};
constexpr UnitName kUnitNames[] = {
    {"characters", Unit::characters}, {"graphemes", Unit::graphemes}, {"mastodon", Unit::links_alike}};

}  // namespace

std::string_view to_string(PlatformLimits::Unit unit) {
  for (const auto& one : kUnitNames)
    if (one.unit == unit) return one.name;
  return kUnitNames[0].name;
}

std::vector<std::string_view> text_unit_names() {
  std::vector<std::string_view> names;
  for (const auto& one : kUnitNames) names.push_back(one.name);
  return names;
}

std::optional<PlatformLimits::Unit> parse_text_unit(std::string_view word) {
  for (const auto& one : kUnitNames)
    if (one.name == word) return one.unit;
  return {};
}

std::int64_t plain_length(std::string_view text, const PlatformLimits& limits) {
  return limits.text_unit == PlatformLimits::Unit::characters ? count_code_points(text)
                                                              : count_graphemes(text);
}

std::int64_t text_length(std::string_view warning, std::string_view text, const PlatformLimits& limits) {
  if (limits.text_unit != PlatformLimits::Unit::links_alike)
    return plain_length(warning, limits) + plain_length(text, limits);
  return count_graphemes(std::string(trim(warning)) +
                         mastodon::countable_text(trim(text), limits.url_length));
}

}  // namespace linnet::connect
