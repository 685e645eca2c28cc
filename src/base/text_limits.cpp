#include "base/text_limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace linnet {

Status check_length(std::string_view field, std::string_view text, std::size_t most) {
  if (text.size() <= most) return {};
  const auto characters = std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  if (static_cast<std::size_t>(characters) <= most && text.size() <= most * 4) return {};
  return invalid(fmt::format("{}: expected at most {} characters, got {}", field, most, characters));
}

}  // namespace linnet
