#include "base/visible.hpp"

#include <fmt/format.h>
#include <unicode/utf8.h>
#include <algorithm>
#include <cstdint>

namespace linnet {
namespace {

constexpr std::size_t kLongestCharacter = 4;

// The control characters of ISO 6429, and of Unicode those that order text or end lines: Bidi_Control,
// U+2028, U+2029, and the deprecated ones behind them.
bool is_control(char32_t point) {
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return true;
  if (point == 0x061c || point == 0x200e || point == 0x200f) return true;
  return (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x206f);
}

void append_shown(std::string& out, char32_t point) {
  if (point == '\n') {
    out += "\\n";
  } else if (point == '\t') {
    out += "\\t";
  } else if (point == '\r') {
    out += "\\r";
  } else if (point < 0x80) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned>(point));
  } else {
    out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
  }
}

}  // namespace

std::string visible(std::string_view text, LineBreaks breaks) {
  std::string out;
  out.reserve(text.size());
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    const auto begin = i;
    UChar32 point = 0;
    U8_NEXT(text.data(), i, size, point);
    const auto bytes = text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(i - begin));
    const bool is_kept_break = breaks == LineBreaks::kept && (point == '\n' || point == '\t');
    if (point < 0) {
      for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    } else if (is_control(static_cast<char32_t>(point)) && !is_kept_break) {
      append_shown(out, static_cast<char32_t>(point));
    } else {
      out += bytes;
    }
  }
  return out;
}

std::size_t whole_characters(std::string_view text) {
  const auto most = std::min(text.size(), kLongestCharacter);
  for (std::size_t back = 1; back <= most; ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;  // not the first of its character
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return back < length ? text.size() - back : text.size();
  }
  return text.size();
}

}  // namespace linnet
