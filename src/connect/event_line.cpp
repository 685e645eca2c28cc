#include "connect/event_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace linnet::connect {

std::string json_quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8 + 2);
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                     static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

std::string make_event_line(Instant received_at, std::string_view event, std::string_view payload_json,
                            std::string_view network) {
  std::string line = "{\"received_at\":\"";
  line.reserve(payload_json.size() + event.size() + 80);
  line += to_iso8601(received_at);
  line += "\",\"event\":";
  line += json_quote(event);
  if (!network.empty()) line += ",\"network\":" + json_quote(network);
  line += ",\"payload\":";
  const auto start = line.size();
  line += payload_json;
  line += '}';
  std::replace_if(
      line.begin() + static_cast<std::ptrdiff_t>(start), line.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace linnet::connect
