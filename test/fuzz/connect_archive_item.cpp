// An item of an archive's outbox: what comes of it is an event that the event reader takes, or an error.
#include "base/arena.hpp"
#include "base/text.hpp"
#include "connect/archive/outbox_item.hpp"
#include "connect/event_reader.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace connect = linnet::connect;
  const auto item = linnet::fuzz::text_of(data, size);
  static_cast<void>(connect::read_archive_owner(item));
  connect::ArchiveOwner owner;
  owner.instance_url = "https://example.social";
  owner.account_id = owner.username = "ada";
  owner.actor_uri = "https://example.social/users/ada";
  const auto event = connect::read_outbox_item(item, owner);
  if (!event) return 0;
  const bool is_event = event->outcome == connect::OutboxEvent::Outcome::event;
  expect(is_event == !event->line.empty());
  if (!is_event) return 0;
  expect(event->line.find('\n') == std::string::npos);
  connect::EventReader reader;
  linnet::Arena arena;
  const auto read = reader.read(event->line, linnet::Instant{}, arena);
  // Limits of length are the reader's own; all else must fit.
  expect(read.error.empty() || read.error.find("at most") != std::string_view::npos);
  return 0;
}
