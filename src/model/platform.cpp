#include "model/platform.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"

namespace linnet::model {

Result<std::string> read_platform(std::string_view field, std::string_view name, std::string_view advice) {
  auto wanted = fold_case(trim(name));
  if (wanted.empty() ||
      std::find(std::begin(kPlatforms), std::end(kPlatforms), wanted) != std::end(kPlatforms))
    return wanted;
  const auto valid = to_valid_utf8(name);
  const auto shown = truncate_utf8(valid, 60);
  return invalid(fmt::format("{}: expected {}, got \"{}\"; write one of these{}", field,
                             fmt::join(kPlatforms, " or "), shown, advice));
}

}  // namespace linnet::model
