#include "connect/mastodon/status_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/html_text.hpp"
#include "base/text.hpp"
#include "connect/mastodon/person_eraser.hpp"
#include "connect/sighting_text.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = simdjson::ondemand;
using model::AccountSighting;
using model::MaybeText;
using model::PostSighting;

constexpr std::size_t kMostTags = 1'000;
constexpr std::int64_t kLargestCount = std::int64_t{1} << 53U;  // beyond it JSON numbers are not exact

enum Required : unsigned {
  kId = 1U << 0U,
  kAccount = 1U << 1U,
  kCreatedAt = 1U << 2U,
  kContent = 1U << 3U,
  kReplies = 1U << 4U,
  kReblogs = 1U << 5U,
  kFavourites = 1U << 6U,
};
struct RequiredName {
  Required bit;
  std::string_view name;
};
constexpr RequiredName kRequired[] = {{kId, "id"},
                                      {kAccount, "account"},
                                      {kCreatedAt, "created_at"},
                                      {kContent, "content"},
                                      {kReplies, "replies_count"},
                                      {kReblogs, "reblogs_count"},
                                      {kFavourites, "favourites_count"}};

// Keys are compared as they stand in the document; none that matters needs an escape.
std::string_view raw_key(json::field& field) {
  const char* const begin = field.key().raw();
  const char* end = begin;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string_view type_name(json::value value) {
  json::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return "something unreadable";
  switch (type) {
    case json::json_type::array:
      return "an array";
    case json::json_type::object:
      return "an object";
    case json::json_type::number:
      return "a number";
    case json::json_type::string:
      return "text that is not valid";
    case json::json_type::boolean:
      return "true or false";
    case json::json_type::null:
      return "null";
  }
  return "something unreadable";
}

FieldError expected(std::string_view field, std::string_view what, std::string_view got) {
  return fmt::format("{}: expected {}, got {}", field, what, got);
}

bool truth(json::value value) {
  bool is_true = false;
  return value.get_bool().get(is_true) == simdjson::SUCCESS && is_true;
}

// Hidden counts come as -1 or null.
std::optional<std::int64_t> maybe_count(json::value value) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) != simdjson::SUCCESS || number < 0 || number > kLargestCount) return {};
  return number;
}

}  // namespace

MaybeText StatusReader::maybe_text(Value value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return {};
  return keep_text(arena_, text);
}

FieldError StatusReader::required_text(std::string_view field, Value value, std::string_view& out) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return expected(field, "text", type_name(value));
  out = keep_text(arena_, text);
  return {};
}

FieldError StatusReader::key_text(std::string_view field, Value value, std::string_view& out) {
  if (auto error = required_text(field, value, out)) return error;
  if (out.empty()) return expected(field, "an id", "empty text");
  if (out.size() > kLongestKey) {
    return expected(field, fmt::format("at most {} bytes", kLongestKey), fmt::format("{} bytes", out.size()));
  }
  return {};
}

FieldError StatusReader::count(std::string_view field, Value value, std::int64_t& out) {
  if (value.get_int64().get(out) != simdjson::SUCCESS || out < 0 || out > kLargestCount) {
    return expected(field, "a count from 0 to 2^53", truncate_utf8(value.raw_json_token(), 40));
  }
  return {};
}

FieldError StatusReader::read(json::object status, std::vector<PostSighting>& posts) {
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
    if (boosted->id != kErasedPost) posts.push_back(std::move(*boosted));
  }
  derive(post);
  posts.push_back(std::move(post));
  return {};
}

FieldError StatusReader::read_status(json::object status, bool may_boost, PostSighting& post,
                                     std::optional<PostSighting>& boosted) {
  unsigned seen = 0;
  for (auto item : status) {
    json::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS)
      return "the status: expected a JSON object, got a broken one";
    const auto key = raw_key(field);
    Value value = field.value();
    if (key == "reblog") {
      json::object inner;
      if (!may_boost || value.get_object().get(inner) != simdjson::SUCCESS) continue;
      std::optional<PostSighting> none;
      boosted.emplace();
      auto error = read_status(inner, false, *boosted, none);
      if (std::exchange(is_erased_, false)) {
        boosted->id = kErasedPost;
        continue;
      }
      if (error) return "reblog." + *error;
      derive(*boosted);
    } else if (auto error = read_field(key, value, post, seen)) {
      return error;
    }
  }
  for (const auto& [bit, name] : kRequired) {
    if ((seen & bit) == 0) return expected(name, "it to be there", "nothing");
  }
  return {};
}

FieldError StatusReader::read_field(std::string_view key, Value value, PostSighting& post, unsigned& seen) {
  switch (key.size()) {
    case 2:
      if (key == "id") return seen |= kId, key_text(key, value, post.id);
      break;
    case 3:
      if (key == "uri") post.uri = maybe_text(value);
      if (key == "url") post.url = maybe_text(value);
      break;
    case 4:
      if (key == "tags") return read_tags(value, post.hashtags);
      break;
    case 6:
      if (key == "erased") is_erased_ = truth(value);
      break;
    case 7:
      if (key == "content") {
        seen |= kContent;
        return required_text(key, value, post.content_html);
      }
      if (key == "account") return seen |= kAccount, read_account(value, post.author);
      break;
    case 8:
      if (key == "language") post.language = maybe_text(value);
      if (key == "mentions") return read_mentions(value, post.mentions);
      break;
    case 9:
      if (key == "sensitive") post.sensitive = truth(value);
      if (key == "edited_at") {
        if (const auto text = maybe_text(value)) post.edited_at = parse_iso8601(*text);
      }
      break;
    case 10:
      if (key == "visibility") post.visibility = maybe_text(value);
      if (key == "created_at") {
        std::string_view text;
        if (auto error = required_text(key, value, text)) return error;
        const auto created = parse_iso8601(text);
        if (!created)
          return expected(key, "an ISO 8601 time", fmt::format("\"{}\"", truncate_utf8(text, 40)));
        post.created_at = *created;
        seen |= kCreatedAt;
      }
      break;
    case 12:
      if (key == "spoiler_text") post.spoiler_text = maybe_text(value).value_or(std::string_view());
      break;
    case 13:
      if (key == "replies_count") return seen |= kReplies, count(key, value, post.counts.replies);
      if (key == "reblogs_count") return seen |= kReblogs, count(key, value, post.counts.reblogs);
      break;
    case 14:
      if (key == "in_reply_to_id") {
        post.in_reply_to_id = maybe_text(value);
        if (post.in_reply_to_id && post.in_reply_to_id->size() > kLongestKey) post.in_reply_to_id.reset();
      }
      break;
    case 16:
      if (key == "favourites_count") return seen |= kFavourites, count(key, value, post.counts.favourites);
      break;
    case 17:
      if (key == "media_attachments") return read_media(value, post.media);
      break;
    case 22:
      if (key == "in_reply_to_account_id") post.in_reply_to_account_id = maybe_text(value);
      break;
    default:
      break;
  }
  return {};
}

FieldError StatusReader::read_account(Value value, AccountSighting& account) {
  json::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS)
    return expected("account", "an object", type_name(value));
  bool has_id = false;
  for (auto item : object) {
    json::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS)
      return "account: expected a JSON object, got a broken one";
    const auto key = raw_key(field);
    Value part = field.value();
    if (key == "id") {
      if (auto error = key_text("account.id", part, account.id)) return error;
      has_id = true;
    } else if (key == "username") {
      account.username = maybe_text(part).value_or(std::string_view());
    } else if (key == "acct") {
      account.acct = maybe_text(part).value_or(std::string_view());
      if (account.acct.size() > kLongestKey) {
        return expected("account.acct", fmt::format("at most {} bytes", kLongestKey), "more");
      }
    } else if (key == "display_name") {
      account.display_name = maybe_text(part);
    } else if (key == "url") {
      account.profile_url = maybe_text(part);
    } else if (key == "avatar") {
      account.avatar_url = maybe_text(part);
    } else if (key == "note") {
      account.bio = maybe_text(part);
    } else if (key == "followers_count") {
      account.follower_count = maybe_count(part);
    } else if (key == "following_count") {
      account.following_count = maybe_count(part);
    } else if (key == "statuses_count") {
      account.post_count = maybe_count(part);
    } else if (key == "locked") {
      account.is_private = truth(part);
    } else if (key == "bot") {
      account.is_bot = truth(part);
    } else if (key == "created_at") {
      if (const auto text = maybe_text(part)) account.created_at = parse_iso8601(*text);
    } else if (key == "fields") {
      // A link that the server found to point back is the fediverse's verification.
      json::array fields;
      if (part.get_array().get(fields) != simdjson::SUCCESS) continue;
      for (auto entry : fields) {
        std::string_view verified_at;
        if (entry["verified_at"].get_string().get(verified_at) == simdjson::SUCCESS)
          account.is_verified = true;
      }
    }
  }
  if (!has_id) return expected("account.id", "it to be there", "nothing");
  return {};
}

FieldError StatusReader::read_media(Value value, std::vector<model::MediaSighting>& media) {
  json::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return {};
  for (auto element : array) {
    json::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) continue;
    model::MediaSighting one;
    one.type = "unknown";
    for (auto item : object) {
      json::field field;
      if (std::move(item).get(field) != simdjson::SUCCESS) return "media_attachments: a broken object";
      const auto key = raw_key(field);
      Value part = field.value();
      if (key == "id") {
        if (auto error = key_text("media_attachments[].id", part, one.id)) return error;
      } else if (key == "type") {
        one.type = maybe_text(part).value_or("unknown");
      } else if (key == "url") {
        one.url = maybe_text(part);
      } else if (key == "preview_url") {
        one.preview_url = maybe_text(part);
      } else if (key == "description") {
        one.description = maybe_text(part);
      } else if (key == "meta") {
        json::object meta;
        std::string_view raw;
        if (part.get_object().get(meta) == simdjson::SUCCESS &&
            meta.raw_json().get(raw) == simdjson::SUCCESS) {
          one.meta_json = keep_text(arena_, raw);
        }
      }
    }
    const bool known =
        std::any_of(media.begin(), media.end(), [&](const auto& other) { return other.id == one.id; });
    if (!one.id.empty() && !known && media.size() < kMostTags) media.push_back(one);
  }
  return {};
}

FieldError StatusReader::read_mentions(Value value, std::vector<model::MentionSighting>& mentions) {
  json::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return {};
  for (auto element : array) {
    json::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) continue;
    model::MentionSighting one;
    for (auto item : object) {
      json::field field;
      if (std::move(item).get(field) != simdjson::SUCCESS) return "mentions: a broken object";
      const auto key = raw_key(field);
      if (key == "id") {
        if (auto error = key_text("mentions[].id", field.value(), one.account_id)) return error;
      } else if (key == "acct") {
        one.acct = maybe_text(field.value()).value_or(std::string_view());
      }
    }
    const bool known = std::any_of(mentions.begin(), mentions.end(),
                                   [&](const auto& other) { return other.account_id == one.account_id; });
    if (!one.account_id.empty() && !known && mentions.size() < kMostTags) mentions.push_back(one);
  }
  return {};
}

FieldError StatusReader::read_tags(Value value, std::vector<std::string_view>& hashtags) {
  json::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return {};
  for (auto element : array) {
    std::string_view name;
    if (element["name"].get_string().get(name) != simdjson::SUCCESS || name.empty()) continue;
    if (name.size() > kLongestKey) {
      return expected("tags[].name", fmt::format("at most {} bytes", kLongestKey),
                      fmt::format("{} bytes", name.size()));
    }
    const auto tag = keep_hashtag(arena_, name);
    if (std::find(hashtags.begin(), hashtags.end(), tag) != hashtags.end()) continue;
    if (hashtags.size() == kMostTags)
      return expected("tags", fmt::format("at most {} tags", kMostTags), "more");
    hashtags.push_back(tag);
  }
  return {};
}

void StatusReader::derive(PostSighting& post) {
  if (!post.is_boost) {
    html_to_text(post.content_html, scratch_);
    post.content_text = arena_.copy(scratch_);
    post.content_hash = hash_of_content(post);
  }
  add_lists(post, arena_, scratch_);
}

}  // namespace linnet::connect::mastodon
