#include "connect/event_line.hpp"

#include <algorithm>
#include <string>

#include "base/json_text.hpp"

namespace linnet::connect {

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
