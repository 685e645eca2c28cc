// A message of Jetstream, by the connector's eyes and by the log's, and a compressed frame.
#include "base/arena.hpp"
#include "base/text.hpp"
#include "connect/bluesky/frame_decompressor.hpp"
#include "connect/bluesky/jetstream_interest.hpp"
#include "connect/bluesky/jetstream_sieve.hpp"
#include "connect/event_line.hpp"
#include "connect/event_reader.hpp"
#include "expect.hpp"

namespace bluesky = linnet::connect::bluesky;
using linnet::fuzz::expect;

namespace {

void check_text(std::string_view text) {
  expect(linnet::is_valid_utf8(text) && text.find('\0') == std::string_view::npos);
}
void check_text(const linnet::model::MaybeText& text) {
  if (text) check_text(*text);
}

void check_post(const linnet::model::PostSighting& post) {
  expect(!post.id.empty() && post.id.starts_with("at://"));
  expect(post.author.is_bare && !post.has_counts);
  for (const auto text : {post.id, post.author.id, post.content_html, post.content_text}) check_text(text);
  check_text(post.url);
  check_text(post.language);
  check_text(post.hashtags_json);
  check_text(post.mentions_json);
  check_text(post.media_ids_json);
  check_text(post.in_reply_to_id);
  for (const auto tag : post.hashtags) check_text(tag);
  for (const auto& media : post.media) check_text(media.description);
}

// A frame must not mean one thing to the connector and another to whoever reads the log.
void check_both_ways(std::string_view frame, const bluesky::JetstreamMessage& message) {
  static linnet::connect::EventReader reader;
  linnet::Arena arena;
  const auto line = linnet::connect::make_event_line(message.at, "update", frame, "bluesky");
  const auto event = reader.read(line, linnet::Instant{}, arena);
  check_text(event.error);
  expect(event.error.empty() == message.post.has_value());
  for (const auto& post : event.posts) {
    check_post(post);
    expect(post.id == message.uri && post.content_hash == message.post->content_hash);
  }
}

// The dictionary is the input's own first half.
void decompress(std::string_view bytes) {
  auto made = bluesky::FrameDecompressor::with_dictionary(bytes.substr(0, bytes.size() / 2));
  if (!made) return;
  const auto text = made->decompress(bytes.substr(bytes.size() / 2), 4'096);
  expect(!text || text->size() <= 4'096);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static bluesky::JetstreamReader reader;
  const auto frame = linnet::fuzz::text_of(data, size);
  bluesky::JetstreamMessage message;
  if (!reader.read(frame, message)) {
    check_text(message.did);
    check_text(message.uri);
    check_text(message.handle);
    if (message.post) check_post(*message.post);
    check_both_ways(frame, message);
  }
  expect(bluesky::line_of_unreadable(frame, linnet::Instant{}).find('\n') == std::string::npos);
  if (const auto stream = bluesky::normalise_stream(frame))
    expect(bluesky::normalise_stream(*stream).value() == *stream);
  decompress(frame);
  return 0;
}
