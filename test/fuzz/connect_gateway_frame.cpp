// A frame of Discord's gateway, as it comes and through the compression, and what a dispatch in it becomes.
#include <algorithm>

#include "base/arena.hpp"
#include "base/text.hpp"
#include "connect/discord/channel_history.hpp"
#include "connect/discord/gateway_frame.hpp"
#include "connect/discord/slash_commands.hpp"
#include "connect/discord/zlib_stream.hpp"
#include "connect/event_reader.hpp"
#include "connect/private_lines.hpp"
#include "expect.hpp"

namespace discord = linnet::connect::discord;
using linnet::fuzz::expect;

namespace {

void check_text(std::string_view text) {
  expect(linnet::is_valid_utf8(text) && text.find('\0') == std::string_view::npos);
}

void check_chat(const linnet::model::ChatSighting& sighting) {
  if (const auto* const message = std::get_if<linnet::model::MessageSighting>(&sighting)) {
    expect(!message->id.empty() && !message->channel_id.empty() && !message->server_id.empty());
    expect(message->is_edit || (!message->author.id.empty() && message->content));
    check_text(message->content.value_or(""));
    check_text(message->author.username);
  }
  if (const auto* const gone = std::get_if<linnet::model::MessagesGone>(&sighting))
    expect(!gone->ids.empty());
  if (const auto* const channel = std::get_if<linnet::model::ChannelSighting>(&sighting)) {
    expect(!channel->id.empty());
    check_text(channel->name.value_or(""));
  }
}

void check_dispatch(const discord::Frame& frame) {
  static linnet::connect::EventReader reader;
  linnet::Arena arena;
  const auto line = discord::line_of(linnet::Instant{}, frame.event, frame.data);
  expect(line.find('\n') == std::string::npos);
  const auto event = reader.read(line, linnet::Instant{}, arena);
  check_text(event.error);
  check_text(event.left_out);
  for (const auto& sighting : event.chat) check_chat(sighting);
  // What is read as an event of a server is nothing that must stay out.
  if (!event.error.empty() || event.chat.empty()) return;
  // The readers of JSON differ in how deep they go.
  constexpr std::ptrdiff_t kDeepest = 30;
  if (std::count_if(line.begin(), line.end(), [](char c) { return c == '[' || c == '{'; }) > kDeepest) return;
  const auto kept = linnet::connect::without_private(line, linnet::model::Reach::addressed);
  expect(kept.kept == linnet::connect::KeptLine::Kept::whole);
}

void check_frame(std::string_view text) {
  static discord::FrameReader reader;
  const auto frame = reader.read(text);
  if (!frame) return;
  if (!frame->event.empty()) check_dispatch(*frame);
  static_cast<void>(discord::read_interaction(frame->data));
  static_cast<void>(discord::read_page(frame->data, "1"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_frame(text);
  discord::ZlibStream stream(4'096);
  for (std::size_t at = 0; at < size; at += 7) {
    const auto message = stream.take(text.substr(at, 7));
    if (!message) break;
    if (*message) {
      expect((*message)->size() <= 4'096);
      check_frame(**message);
    }
  }
  return 0;
}
