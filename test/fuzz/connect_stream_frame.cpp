// A frame of the live stream, and a page of a timeline: lines, statuses or errors.
#include "connect/mastodon/raw_status.hpp"
#include "connect/mastodon/stream_frame.hpp"
#include "connect/mastodon/stream_kind.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace mastodon = linnet::connect::mastodon;
  const auto frame = linnet::fuzz::text_of(data, size);
  if (const auto event = mastodon::read_frame(frame, linnet::Instant{})) {
    expect(event->line.find('\n') == std::string::npos);
    expect(event->status_id.empty() || event->type == "update" || event->type == "status.update");
  }
  if (const auto page = mastodon::split_statuses(frame)) {
    for (const auto& status : page->statuses) {
      expect(frame.find(status.json) != std::string_view::npos);
      expect(!status.id.empty());
    }
  }
  static_cast<void>(mastodon::StreamKind::parse(frame));
  return 0;
}
