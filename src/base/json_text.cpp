#include "base/json_text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace linnet {

void append_json_text(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (c == '\n') {
      json += "\\n";
    } else if (const auto byte = static_cast<unsigned char>(c); byte < 0x20) {
      fmt::format_to(std::back_inserter(json), "\\u{:04x}", static_cast<unsigned>(byte));
    } else {
      json += c;
    }
  }
  json += '"';
}

std::string json_quote(std::string_view text) {
  std::string json;
  json.reserve(text.size() + text.size() / 8 + 2);
  append_json_text(json, text);
  return json;
}

}  // namespace linnet
