#include "connect/mastodon/status_reader.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/html_text.hpp"
#include "base/text.hpp"
#include "connect/log_lines.hpp"
#include "connect/mastodon/status_parts.hpp"
#include "connect/sighting_text.hpp"
#include "model/visibility.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace ondemand = simdjson::ondemand;
using model::PostSighting;

enum Seen : unsigned {
  kId = 1U << 0U,
  kAccount = 1U << 1U,
  kCreatedAt = 1U << 2U,
  kReplies = 1U << 3U,
  kReblogs = 1U << 4U,
  kFavourites = 1U << 5U,
};
constexpr unsigned kAllCounts = kReplies | kReblogs | kFavourites;

struct RequiredName {
  Seen bit;
  std::string_view name;
};
constexpr RequiredName kRequired[] = {{kId, "id"}, {kAccount, "account"}, {kCreatedAt, "created_at"}};

FieldError required_time(ondemand::value value, Instant& out) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS)
    return "created_at: expected an ISO 8601 time, got something else";
  const auto time = parse_iso8601(text);
  if (!time) return fmt::format("created_at: expected an ISO 8601 time, got \"{}\"", truncate_utf8(text, 40));
  out = *time;
  return {};
}

}  // namespace

FieldError StatusReader::read(ondemand::object status, std::vector<PostSighting>& posts) {
  PostSighting post;
  std::optional<PostSighting> boosted;
  is_erased_ = false;
  if (auto error = read_status(status, true, post, boosted)) return error;
  if (boosted) {
    post.is_boost = true;
    post.boosted_id = boosted->id;
    // A boost has no content of its own: what its status repeats is the boosted post's.
    post.content_html = post.content_text = post.spoiler_text = {};
    post.media.clear();
    post.mentions.clear();
    post.hashtags.clear();
    post.poll_options.clear();
    post.poll_json.reset();
    if (boosted->id != kErasedPost) posts.push_back(std::move(*boosted));
  }
  derive(post);
  posts.push_back(std::move(post));
  return {};
}

FieldError StatusReader::read_status(ondemand::object status, bool may_boost, PostSighting& post,
                                     std::optional<PostSighting>& boosted) {
  unsigned seen = 0;
  for (auto item : status) {
    ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS)
      return "the status: expected a JSON object, got a broken one";
    const auto key = raw_key(field);
    Value value = field.value();
    if (key == "reblog") {
      if (!may_boost) continue;
      if (auto error = read_boosted(value, boosted)) return error;
    } else if (auto error = read_field(key, value, post, seen)) {
      return error;
    }
  }
  for (const auto& [bit, name] : kRequired) {
    if ((seen & bit) == 0) return fmt::format("{}: expected it to be there, got nothing", name);
  }
  post.has_counts = (seen & kAllCounts) == kAllCounts;
  if (!post.has_counts) post.counts = {};
  return {};
}

FieldError StatusReader::read_boosted(Value value, std::optional<PostSighting>& boosted) {
  ondemand::object inner;
  bool is_empty = true;
  if (!fields_.object("reblog", value, inner) || inner.is_empty().get(is_empty) != simdjson::SUCCESS ||
      is_empty)
    return {};
  std::optional<PostSighting> none;
  boosted.emplace();
  auto error = read_status(inner, false, *boosted, none);
  if (std::exchange(is_erased_, false)) {
    boosted->id = kErasedPost;
    return {};
  }
  if (error) return "reblog." + *error;
  derive(*boosted);
  return {};
}

void StatusReader::read_count(std::string_view key, Value value, std::int64_t& count, unsigned bit,
                              unsigned& seen) {
  const auto number = fields_.count(key, value);
  if (!number) return;
  count = *number;
  seen |= bit;
}

FieldError StatusReader::read_field(std::string_view key, Value value, PostSighting& post, unsigned& seen) {
  switch (key.size()) {
    case 2:
      if (key == "id") return seen |= kId, fields_.required_id(key, value, post.id);
      break;
    case 3:
      if (key == "uri") post.uri = fields_.text(key, value);
      if (key == "url") post.url = fields_.text(key, value);
      break;
    case 4:
      if (key == "tags") read_tags(fields_, arena_, value, post.hashtags);
      if (key == "poll") read_poll(fields_, arena_, value, post);
      break;
    case 6:
      if (key == "erased") is_erased_ = fields_.flag(key, value);
      break;
    case 7:
      if (key == "content") post.content_html = fields_.text(key, value).value_or(std::string_view());
      if (key == "account") return seen |= kAccount, read_account(fields_, value, post.author);
      break;
    case 8:
      if (key == "language") post.language = fields_.text(key, value);
      if (key == "mentions") read_mentions(fields_, value, post.mentions);
      break;
    case 9:
      if (key == "sensitive") post.sensitive = fields_.flag(key, value);
      if (key == "edited_at") post.edited_at = fields_.time(key, value);
      break;
    case 10:
      if (key == "visibility") {
        // Of two, the narrower counts.
        const auto said = fields_.text(key, value);
        if (!post.visibility || model::reach_of(*post.visibility) <= model::reach_of(said.value_or("")))
          post.visibility = said;
      }
      if (key == "created_at") return seen |= kCreatedAt, required_time(value, post.created_at);
      break;
    case 12:
      if (key == "spoiler_text") post.spoiler_text = fields_.text(key, value).value_or(std::string_view());
      break;
    case 13:
      if (key == "replies_count") read_count(key, value, post.counts.replies, kReplies, seen);
      if (key == "reblogs_count") read_count(key, value, post.counts.reblogs, kReblogs, seen);
      break;
    case 14:
      if (key == "in_reply_to_id") post.in_reply_to_id = fields_.id(key, value);
      break;
    case 16:
      if (key == "favourites_count") read_count(key, value, post.counts.favourites, kFavourites, seen);
      break;
    case 17:
      if (key == "media_attachments") read_media(fields_, arena_, value, post.media);
      break;
    case 22:
      if (key == "in_reply_to_account_id") post.in_reply_to_account_id = fields_.id(key, value);
      break;
    default:
      break;
  }
  return {};
}

void StatusReader::derive(PostSighting& post) {
  if (!post.is_boost) {
    html_to_text(post.content_html, scratch_);
    post.content_text = arena_.copy(scratch_);
    add_hashes(post);
  }
  add_lists(post, arena_, scratch_);
}

}  // namespace linnet::connect::mastodon
