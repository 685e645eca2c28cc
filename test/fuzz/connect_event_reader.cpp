// A line of a dump or a stream: an event with its posts, or an error, and all text fit for the database.
#include "base/arena.hpp"
#include "base/text.hpp"
#include "connect/event_reader.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;

namespace {

void check_text(std::string_view text) {
  expect(linnet::is_valid_utf8(text) && text.find('\0') == std::string_view::npos);
}
void check_text(const linnet::model::MaybeText& text) {
  if (text) check_text(*text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static linnet::connect::EventReader reader;
  linnet::Arena arena;
  const auto event = reader.read(linnet::fuzz::text_of(data, size), linnet::Instant{}, arena);
  check_text(event.error);
  check_text(event.type);
  check_text(event.status_id);
  expect(event.error.empty() || event.posts.empty());
  expect((event.kind == linnet::model::EventKind::post) == !event.posts.empty());
  for (const auto& post : event.posts) {
    check_text(post.id);
    check_text(post.author.id);
    check_text(post.author.acct);
    check_text(post.author.display_name);
    check_text(post.content_html);
    check_text(post.content_text);
    check_text(post.spoiler_text);
    check_text(post.hashtags_json);
    check_text(post.mentions_json);
    check_text(post.media_ids_json);
    check_text(post.language);
    check_text(post.in_reply_to_id);
    for (const auto tag : post.hashtags) check_text(tag);
    for (const auto& media : post.media) check_text(media.meta_json);
    expect(post.counts.replies >= 0 && post.counts.reblogs >= 0 && post.counts.favourites >= 0);
    expect(!post.is_boost || event.posts.size() > 1);
  }
  return 0;
}
