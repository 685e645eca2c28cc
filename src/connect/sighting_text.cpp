#include "connect/sighting_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/hash.hpp"
#include "base/hashtag_name.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"

namespace linnet::connect {
namespace {

std::string_view content_type_of(const std::vector<model::MediaSighting>& media) {
  if (media.empty()) return "text";
  if (media.size() > 1) return "carousel";
  const auto type = media.front().type;
  return type == "video" || type == "gifv" || type == "audio" ? "video" : "image";
}

template <typename Element>
model::MaybeText json_array(std::size_t size, Arena& arena, std::string& scratch, const Element& element) {
  if (size == 0) return {};
  scratch = "[";
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) scratch += ',';
    append_json_text(scratch, element(i));
  }
  scratch += ']';
  return arena.copy(scratch);
}

}  // namespace

std::string_view keep_text(Arena& arena, std::string_view text) {
  if (!text.empty() && std::memchr(text.data(), 0, text.size()) != nullptr)
    return arena.copy(to_valid_utf8(text));
  return arena.copy(text);
}

std::string_view keep_hashtag(Arena& arena, std::string_view name) {
  const auto kept = keep_text(arena, name);
  const bool plain = std::all_of(kept.begin(), kept.end(),
                                 [](char c) { return c > ' ' && c != '#' && !(c >= 'A' && c <= 'Z'); });
  return plain ? kept : arena.copy(hashtag_name(kept));
}

namespace {

void append_media(std::string& out, const std::vector<model::MediaSighting>& all) {
  for (const auto& media : all) {
    out += out.back() == '[' ? "{\"id\":" : ",{\"id\":";
    append_json_text(out, media.id);
    out += ",\"description\":";
    if (media.description) {
      append_json_text(out, *media.description);
    } else {
      out += "null";
    }
    out += '}';
  }
}

model::MaybeText attached(const model::PostSighting& post, Arena& arena, std::string& scratch) {
  const bool has_words = std::any_of(post.media.begin(), post.media.end(),
                                     [](const auto& media) { return media.description.has_value(); });
  if (!has_words && post.poll_options.empty()) return {};
  scratch = "{\"media\":[";
  append_media(scratch, post.media);
  scratch += "],\"poll\":[";
  for (const auto& option : post.poll_options) {
    if (scratch.back() != '[') scratch += ',';
    append_json_text(scratch, option);
  }
  scratch += "]}";
  return arena.copy(scratch);
}

}  // namespace

void add_lists(model::PostSighting& post, Arena& arena, std::string& scratch) {
  post.content_type = content_type_of(post.media);
  post.attached_json = attached(post, arena, scratch);
  post.media_ids_json =
      json_array(post.media.size(), arena, scratch, [&](std::size_t i) { return post.media[i].id; });
  post.hashtags_json =
      json_array(post.hashtags.size(), arena, scratch, [&](std::size_t i) { return post.hashtags[i]; });
  post.mentions_json =
      json_array(post.mentions.size(), arena, scratch, [&](std::size_t i) { return post.mentions[i].acct; });
}

void add_hashes(model::PostSighting& post) {
  auto plain = fast_hash(post.spoiler_text, fast_hash(post.content_html));
  auto whole = plain;
  for (const auto& media : post.media) {
    plain = fast_hash(media.id, plain);
    whole = fast_hash(media.id, whole);
    if (media.description) whole = fast_hash(*media.description, ~whole);
  }
  for (const auto& option : post.poll_options) whole = fast_hash(option, whole + 1);
  post.plain_hash = plain;
  post.content_hash = whole;
}

}  // namespace linnet::connect
