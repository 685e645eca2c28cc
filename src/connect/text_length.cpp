#include "connect/text_length.hpp"

#include "base/text.hpp"
#include "connect/mastodon/countable_text.hpp"

namespace linnet::connect {

std::int64_t plain_length(std::string_view text, const PlatformLimits& limits) {
  return limits.text_unit == PlatformLimits::Unit::characters ? count_code_points(text)
                                                              : count_graphemes(text);
}

std::int64_t text_length(std::string_view warning, std::string_view text, const PlatformLimits& limits) {
  if (limits.text_unit != PlatformLimits::Unit::mastodon)
    return plain_length(warning, limits) + plain_length(text, limits);
  return count_graphemes(std::string(trim(warning)) +
                         mastodon::countable_text(trim(text), limits.url_length));
}

}  // namespace linnet::connect
