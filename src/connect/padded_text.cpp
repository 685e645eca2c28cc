#include "connect/padded_text.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace linnet::connect {

simdjson::padded_string_view PaddedText::assign(std::string_view text) {
  if (bytes_.size() < text.size() + simdjson::SIMDJSON_PADDING)
    bytes_.resize(text.size() + simdjson::SIMDJSON_PADDING);
  std::copy(text.begin(), text.end(), bytes_.begin());
  return simdjson::padded_string_view(bytes_.data(), text.size(), bytes_.size());
}

void PaddedText::shrink() {
  static constexpr std::size_t kKept = 1U << 20U;
  if (bytes_.size() > kKept) bytes_ = std::string();
}

std::optional<std::string> with_whole_surrogates(std::string_view json) {
  if (json.find("\\ud") == std::string_view::npos && json.find("\\uD") == std::string_view::npos) return {};
  auto mended = without_half_surrogates(json);
  if (mended == json) return {};
  return mended;
}

}  // namespace linnet::connect
