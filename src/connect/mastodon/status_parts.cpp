#include "connect/mastodon/status_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/json_text.hpp"
#include "connect/event_line.hpp"
#include "connect/sighting_text.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace ondemand = simdjson::ondemand;
using model::AccountSighting;

constexpr std::size_t kMostParts = 1'000;  // tags, mentions, media
constexpr std::size_t kMostOptions = 100;

// Hands each member to `take(key, value)`; what is broken ends it.
template <typename Take>
void for_each_member(FieldReader& fields, std::string_view field, ondemand::object object, const Take& take) {
  for (auto item : object) {
    ondemand::field member;
    if (std::move(item).get(member) != simdjson::SUCCESS) {
      fields.leave_out(field, "a broken object");
      return;
    }
    const auto key = raw_key(member);
    take(key, member.value());
  }
}

// Hands each element that is an object to `take`.
template <typename Take>
void for_each_object(FieldReader& fields, std::string_view field, ondemand::value value, const Take& take) {
  ondemand::array array;
  if (!fields.array(field, value, array)) return;
  for (auto element : array) {
    ondemand::value one;
    if (element.get(one) != simdjson::SUCCESS) {
      fields.leave_out(field, "a broken list");
      return;
    }
    ondemand::object object;
    if (fields.object(field, one, object)) take(object);
  }
}

}  // namespace

FieldError read_account(FieldReader& fields, ondemand::value value, AccountSighting& account) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS)
    return "account: expected an object with an id, got something else";
  FieldError error;
  bool has_id = false;
  const auto words = [&](std::string_view field, ondemand::value part) {
    return fields.text(field, part).value_or(std::string_view());
  };
  for_each_member(fields, "account", object, [&](std::string_view key, ondemand::value part) {
    if (error) return;
    if (key == "id") {
      error = fields.required_id("account.id", part, account.id);
      has_id = true;
    } else if (key == "username") {
      account.username = words("account.username", part);
    } else if (key == "acct") {
      account.acct = words("account.acct", part);
    } else if (key == "display_name") {
      account.display_name = fields.text("account.display_name", part);
    } else if (key == "url") {
      account.profile_url = fields.text("account.url", part);
    } else if (key == "avatar") {
      account.avatar_url = fields.text("account.avatar", part);
    } else if (key == "note") {
      account.bio = fields.text("account.note", part);
    } else if (key == "followers_count") {
      account.follower_count = fields.count("account.followers_count", part);
    } else if (key == "following_count") {
      account.following_count = fields.count("account.following_count", part);
    } else if (key == "statuses_count") {
      account.post_count = fields.count("account.statuses_count", part);
    } else if (key == "locked") {
      account.is_private = fields.flag("account.locked", part);
    } else if (key == "bot") {
      account.is_bot = fields.flag("account.bot", part);
    } else if (key == "created_at") {
      account.created_at = fields.time("account.created_at", part);
    } else if (key == "fields") {
      // A link that the server found to point back is the fediverse's verification.
      for_each_object(fields, "account.fields", part, [&](ondemand::object entry) {
        std::string_view verified_at;
        if (entry["verified_at"].get_string().get(verified_at) == simdjson::SUCCESS)
          account.is_verified = true;
      });
    }
  });
  if (error) return error;
  if (!has_id) return "account.id: expected it to be there, got nothing";
  if (account.acct.size() > kLongestKey) {
    fields.leave_out("account.acct", fmt::format("expected at most {} bytes", kLongestKey));
    account.acct = account.username.size() <= kLongestKey ? account.username : std::string_view();
  }
  return {};
}

void read_media(FieldReader& fields, Arena& arena, ondemand::value value,
                std::vector<model::MediaSighting>& media) {
  constexpr std::string_view kField = "media_attachments[]";
  for_each_object(fields, "media_attachments", value, [&](ondemand::object object) {
    model::MediaSighting one;
    one.type = "unknown";
    for_each_member(fields, kField, object, [&](std::string_view key, ondemand::value part) {
      if (key == "id") {
        one.id = fields.id("media_attachments[].id", part).value_or(std::string_view());
      } else if (key == "type") {
        one.type = fields.text("media_attachments[].type", part).value_or("unknown");
      } else if (key == "url") {
        one.url = fields.text("media_attachments[].url", part);
      } else if (key == "preview_url") {
        one.preview_url = fields.text("media_attachments[].preview_url", part);
      } else if (key == "description") {
        one.description = fields.text("media_attachments[].description", part);
      } else if (key == "meta") {
        ondemand::object meta;
        std::string_view raw;
        if (part.get_object().get(meta) == simdjson::SUCCESS &&
            meta.raw_json().get(raw) == simdjson::SUCCESS) {
          one.meta_json = keep_text(arena, raw);
        }
      }
    });
    // Some servers give a picture no id of its own: its address stands in, or its place.
    if (one.id.empty() && one.url && one.url->size() <= kLongestKey) one.id = *one.url;
    if (one.id.empty()) one.id = arena.copy(fmt::format("#{}", media.size() + 1));
    const bool known =
        std::any_of(media.begin(), media.end(), [&](const auto& other) { return other.id == one.id; });
    if (!known && media.size() < kMostParts) media.push_back(one);
  });
}

void read_mentions(FieldReader& fields, ondemand::value value,
                   std::vector<model::MentionSighting>& mentions) {
  for_each_object(fields, "mentions", value, [&](ondemand::object object) {
    model::MentionSighting one;
    for_each_member(fields, "mentions[]", object, [&](std::string_view key, ondemand::value part) {
      if (key == "id") {
        one.account_id = fields.id("mentions[].id", part).value_or(std::string_view());
      } else if (key == "acct") {
        one.acct = fields.text("mentions[].acct", part).value_or(std::string_view());
      }
    });
    if (one.acct.size() > kLongestKey) one.acct = {};
    const bool known = std::any_of(mentions.begin(), mentions.end(),
                                   [&](const auto& other) { return other.account_id == one.account_id; });
    if (!one.account_id.empty() && !known && mentions.size() < kMostParts) mentions.push_back(one);
  });
}

void read_tags(FieldReader& fields, Arena& arena, ondemand::value value,
               std::vector<std::string_view>& hashtags) {
  ondemand::array array;
  if (!fields.array("tags", value, array)) return;
  for (auto element : array) {
    ondemand::value one;
    if (element.get(one) != simdjson::SUCCESS) return fields.leave_out("tags", "a broken list");
    ondemand::object object;
    ondemand::value named;
    std::optional<std::string_view> name;
    if (one.get_object().get(object) == simdjson::SUCCESS) {
      if (object["name"].get(named) == simdjson::SUCCESS) name = fields.text("tags[].name", named);
    } else {
      name = fields.text("tags[]", one);
    }
    if (!name) continue;
    if (name->size() > kLongestKey) {
      fields.leave_out("tags[].name", fmt::format("expected at most {} bytes", kLongestKey));
      continue;
    }
    const auto tag = keep_hashtag(arena, *name);
    if (tag.empty() || std::find(hashtags.begin(), hashtags.end(), tag) != hashtags.end()) continue;
    if (hashtags.size() == kMostParts)
      return fields.leave_out("tags", fmt::format("expected at most {}", kMostParts));
    hashtags.push_back(tag);
  }
}

void read_poll(FieldReader& fields, Arena& arena, ondemand::value value, model::PostSighting& post) {
  ondemand::object poll;
  if (!fields.object("poll", value, poll)) return;
  std::string options;
  std::string rest;
  const auto add = [](std::string& list, std::string_view name, std::string_view written) {
    fmt::format_to(std::back_inserter(list), ",\"{}\":{}", name, written);
  };
  const auto number = [](std::optional<std::int64_t> count) {
    return count ? std::to_string(*count) : std::string("null");
  };
  for_each_member(fields, "poll", poll, [&](std::string_view key, ondemand::value part) {
    if (key == "options") {
      for_each_object(fields, "poll.options", part, [&](ondemand::object object) {
        std::string_view title;
        std::optional<std::int64_t> votes;
        for_each_member(fields, "poll.options[]", object, [&](std::string_view name, ondemand::value inner) {
          if (name == "title") title = fields.text("poll.options[].title", inner).value_or("");
          if (name == "votes_count") votes = fields.count("poll.options[].votes_count", inner);
        });
        if (post.poll_options.size() == kMostOptions) return;
        post.poll_options.push_back(title);
        options += fmt::format("{}{{\"title\":{},\"votes\":{}}}", options.empty() ? "" : ",",
                               json_quote(title), number(votes));
      });
    } else if (key == "voters_count" || key == "votes_count") {
      if (const auto count = fields.count("poll.votes_count", part)) add(rest, key, number(count));
    } else if (key == "multiple" || key == "expired") {
      add(rest, key,
          fields.flag(key == "multiple" ? "poll.multiple" : "poll.expired", part) ? "true" : "false");
    } else if (key == "expires_at") {
      if (const auto at = fields.time("poll.expires_at", part)) add(rest, key, json_quote(to_iso8601(*at)));
    }
  });
  if (!post.poll_options.empty())
    post.poll_json = arena.copy(fmt::format("{{\"options\":[{}]{}}}", options, rest));
}

}  // namespace linnet::connect::mastodon
