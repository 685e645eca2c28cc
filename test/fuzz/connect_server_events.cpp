// Server-sent events: the same events wherever the pieces are cut.
#include <string>
#include <vector>

#include "connect/mastodon/stream_frame.hpp"
#include "expect.hpp"
#include "net/event_source.hpp"

using linnet::fuzz::expect;

namespace {

std::vector<std::string> parse(std::string_view text, std::size_t piece) {
  linnet::net::EventParser parser(1'000);
  std::vector<std::string> seen;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const auto fed = parser.feed(text.substr(at, piece), [&](const linnet::net::ServerEvent& event) {
      seen.push_back(event.type + "\x1F" + event.data + "\x1F" + event.last_event_id);
      const auto live =
          linnet::connect::mastodon::read_server_event(event.type, event.data, linnet::Instant{});
      expect(live.line.find('\n') == std::string::npos);
      return linnet::Status();
    });
    if (!fed) {
      seen.emplace_back("refused");
      break;
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto text = linnet::fuzz::text_of(data + 1, size - 1);
  expect(parse(text, text.size()) == parse(text, 1U + data[0] % 16U));
  return 0;
}
