// What the chat service says: whatever comes is read into what may be kept and sent back, or not at all.
#include <string>

#include "base/text.hpp"
#include "connect/bluesky/chat_answers.hpp"
#include "connect/bluesky/record_key.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;
namespace bluesky = linnet::connect::bluesky;

namespace {

void expect_name(const std::string& name) {
  expect(name.size() <= 512 && name.find('\0') == std::string::npos && linnet::is_valid_utf8(name));
}

void expect_fine(const bluesky::ChatConvo& convo) {
  expect(!convo.id.empty() && convo.unread_count >= 0);
  expect_name(convo.id);
  expect(linnet::is_valid_utf8(convo.group_name));
  expect(convo.is_group || convo.members.size() <= 2);
  for (const auto& member : convo.members)
    expect(bluesky::is_did(member.did) && (member.handle.empty() || bluesky::is_handle(member.handle)));
}

void expect_fine(const bluesky::ChatMessage& message) {
  expect(!message.id.empty());
  expect_name(message.id);
  expect(linnet::is_valid_utf8(message.text) && message.text.find('\0') == std::string::npos);
  if (message.kind == bluesky::ChatMessage::Kind::text) expect(bluesky::is_did(message.sender));
  if (message.kind != bluesky::ChatMessage::Kind::text) expect(message.text.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = linnet::fuzz::text_of(data, size);
  if (const auto page = bluesky::read_convo_page(body)) {
    expect_name(page->cursor);
    for (const auto& convo : page->convos) expect_fine(convo);
  }
  if (const auto page = bluesky::read_message_page(body)) {
    expect_name(page->cursor);
    for (const auto& message : page->messages) expect_fine(message);
  }
  if (const auto convo = bluesky::read_convo(body)) expect_fine(*convo);
  if (const auto message = bluesky::read_message(body)) expect_fine(*message);
  if (const auto availability = bluesky::read_availability(body); availability && availability->convo)
    expect_fine(*availability->convo);
  return 0;
}
