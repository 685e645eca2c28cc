#include "connect/archive/outbox_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/hash.hpp"
#include "base/instant.hpp"
#include "base/json_members.hpp"
#include "base/text.hpp"
#include "connect/event_line.hpp"
#include "net/url.hpp"

namespace linnet::connect {
namespace {

namespace json = boost::json;

constexpr std::string_view kPublic = "https://www.w3.org/ns/activitystreams#Public";

bool is_public(std::string_view address) {
  return address == kPublic || address == "as:Public" || address == "Public";
}

// An address may stand as text or as an object with an id or a url; of several the first is taken.
std::string address_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (value->is_array()) {
    if (value->as_array().empty()) return {};
    value = &value->as_array().front();
  }
  if (value->is_string()) return std::string(std::string_view(value->as_string()));
  if (!value->is_object()) return {};
  for (const char* part : {"id", "url", "href"}) {
    auto text = text_in(value->as_object(), part);
    if (!text.empty()) return text;
  }
  return {};
}

std::vector<std::string> texts_of(const json::object& object, std::string_view name) {
  std::vector<std::string> texts;
  const auto* value = object.if_contains(name);
  if (value == nullptr) return texts;
  if (value->is_string()) texts.emplace_back(std::string_view(value->as_string()));
  if (!value->is_array()) return texts;
  for (const auto& one : value->as_array()) {
    if (one.is_string()) texts.emplace_back(std::string_view(one.as_string()));
  }
  return texts;
}

bool truth_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

// "https://example.social/users/ada/statuses/123/activity" -> "123"
std::string last_segment(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  if (url.ends_with("/activity")) url.remove_suffix(9);
  while (url.ends_with('/')) url.remove_suffix(1);
  const auto slash = url.rfind('/');
  return std::string(slash == std::string_view::npos ? url : url.substr(slash + 1));
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string visibility_of(const json::object& note) {
  const auto to = texts_of(note, "to");
  const auto cc = texts_of(note, "cc");
  if (std::any_of(to.begin(), to.end(), is_public)) return "public";
  if (std::any_of(cc.begin(), cc.end(), is_public)) return "unlisted";
  const auto is_followers = [](std::string_view address) { return address.ends_with("/followers"); };
  if (std::any_of(to.begin(), to.end(), is_followers) || std::any_of(cc.begin(), cc.end(), is_followers)) {
    return "private";
  }
  return "direct";
}

std::string language_of(const json::object& note) {
  const auto* map = note.if_contains("contentMap");
  if (map == nullptr || !map->is_object() || map->as_object().empty()) return {};
  return std::string(std::string_view(map->as_object().begin()->key()));
}

// Mastodon's paths hold the id in groups of three digits:
// /media_attachments/files/109/304/275/688/051/809/original/x.png -> 109304275688051809
std::string media_id(std::string_view url) {
  std::string id;
  for (auto rest = url; !rest.empty();) {
    const auto slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    if (segment.size() == 3 && is_number(segment)) {
      id += segment;
    } else if (!id.empty()) {
      break;
    }
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  const auto first = id.find_first_not_of('0');
  if (id.size() >= 6 && first != std::string::npos) return id.substr(first);
  return "archive-" + sha256_hex(url).substr(0, 16);
}

json::value or_null(std::string text) {
  return text.empty() ? json::value(nullptr) : json::value(std::move(text));
}

json::array media_of(const json::object& note) {
  json::array media;
  const auto* attachments = note.if_contains("attachment");
  if (attachments == nullptr || !attachments->is_array()) return media;
  for (const auto& one : attachments->as_array()) {
    if (!one.is_object()) continue;
    const auto& object = one.as_object();
    const auto url = address_of(object, "url");
    const auto media_type = text_in(object, "mediaType");
    if (url.empty()) continue;
    const auto type = media_type.substr(0, media_type.find('/'));
    const bool known = type == "image" || type == "video" || type == "audio";
    media.push_back(json::object{{"id", media_id(url)},
                                 {"type", known ? type : "unknown"},
                                 {"url", url},
                                 {"preview_url", nullptr},
                                 {"description", or_null(text_in(object, "name"))}});
  }
  return media;
}

void read_tags(const json::object& note, json::array& tags, json::array& mentions) {
  const auto* list = note.if_contains("tag");
  if (list == nullptr || !list->is_array()) return;
  for (const auto& one : list->as_array()) {
    if (!one.is_object()) continue;
    const auto type = text_in(one.as_object(), "type");
    auto name = text_in(one.as_object(), "name");
    if (type == "Hashtag" && name.starts_with('#')) name.erase(0, 1);
    if (type == "Mention" && name.starts_with('@')) name.erase(0, 1);
    const auto href = text_in(one.as_object(), "href");
    if (name.empty()) continue;
    if (type == "Hashtag") tags.push_back(json::object{{"name", name}, {"url", href}});
    // The archive does not tell the id that the server gave the account: its address stands in.
    if (type == "Mention" && !href.empty()) {
      mentions.push_back(json::object{
          {"id", href}, {"acct", name}, {"username", name.substr(0, name.find('@'))}, {"url", href}});
    }
  }
}

// Of a Question: the options stand beside the text, each with its votes as the number of its replies.
json::value poll_of(const json::object& note) {
  for (const char* const name : {"oneOf", "anyOf"}) {
    const auto* const list = note.if_contains(name);
    if (list == nullptr || !list->is_array() || list->as_array().empty()) continue;
    json::array options;
    for (const auto& one : list->as_array()) {
      if (!one.is_object()) continue;
      json::value votes;
      if (const auto* const replies = one.as_object().if_contains("replies");
          replies != nullptr && replies->is_object()) {
        const auto* const total = replies->as_object().if_contains("totalItems");
        if (total != nullptr) votes = *total;
      }
      options.push_back(json::object{{"title", text_in(one.as_object(), "name")}, {"votes_count", votes}});
    }
    json::object poll{{"options", std::move(options)}, {"multiple", std::string_view(name) == "anyOf"}};
    if (const auto* const voters = note.if_contains("votersCount")) poll["voters_count"] = *voters;
    if (auto end = text_in(note, "endTime"); !end.empty()) poll["expires_at"] = std::move(end);
    return poll;
  }
  return nullptr;
}

json::object account_of(const ArchiveOwner& owner) {
  return json::object{
      {"id", owner.account_id},
      {"username", owner.username},
      {"acct", owner.username},
      {"display_name", owner.display_name},
      {"locked", owner.is_locked},
      {"bot", owner.is_bot},
      {"created_at", owner.created_at ? json::value(*owner.created_at) : json::value(nullptr)},
      {"note", owner.bio_html},
      {"url", owner.url},
      {"avatar", or_null(owner.avatar_url)}};
}

Result<json::object> status_of(const json::object& note, const ArchiveOwner& owner,
                               std::string_view published) {
  const auto uri = text_in(note, "id");
  const auto id = last_segment(uri);
  if (id.empty()) return invalid("id: expected the address of the post");
  if (!parse_iso8601(published)) {
    return invalid(
        fmt::format("published: expected an ISO 8601 time, got \"{}\"", truncate_utf8(published, 40)));
  }
  json::array tags;
  json::array mentions;
  read_tags(note, tags, mentions);
  const auto parent = address_of(note, "inReplyTo");
  const bool is_here = !parent.empty() && net::same_origin(parent, owner.instance_url);
  const auto url = address_of(note, "url");
  const auto updated = text_in(note, "updated");
  // Of the moment of an edit nobody knows the counts.
  const json::value count = updated.empty() ? json::value(0) : json::value(nullptr);
  json::object status{{"id", id},
                      {"created_at", published},
                      {"edited_at", or_null(updated)},
                      {"in_reply_to_id", is_here ? or_null(last_segment(parent)) : json::value(nullptr)},
                      {"in_reply_to_account_id", nullptr},
                      {"sensitive", truth_of(note, "sensitive")},
                      {"spoiler_text", text_in(note, "summary")},
                      {"visibility", visibility_of(note)},
                      {"language", or_null(language_of(note))},
                      {"uri", uri},
                      {"url", or_null(url.empty() ? uri : url)},
                      {"replies_count", count},
                      {"reblogs_count", count},
                      {"favourites_count", count},
                      {"content", text_in(note, "content")},
                      {"reblog", nullptr},
                      {"application", json::object{{"name", "archive"}}},
                      {"account", account_of(owner)},
                      {"media_attachments", media_of(note)},
                      {"poll", poll_of(note)},
                      {"mentions", std::move(mentions)},
                      {"tags", std::move(tags)}};
  return status;
}

Result<json::value> parse(std::string_view text, std::string_view what) {
  json::parse_options options;
  options.max_depth = 64;
  boost::system::error_code code;
  auto value = json::parse(text, code, {}, options);
  if (code) value = json::parse(without_half_surrogates(to_valid_utf8(text)), code, {}, options);
  if (code) return invalid(fmt::format("{}: expected JSON in UTF-8: {}", what, code.message()));
  if (!value.is_object()) return invalid(fmt::format("{}: expected a JSON object", what));
  return value;
}

// As of when it was published, when its counts were really 0, or edited.
OutboxEvent event_of(const json::object& status, std::string_view published) {
  auto seen_at = *parse_iso8601(published);
  if (const auto edited_at = parse_iso8601(text_in(status, "edited_at")))
    seen_at = std::max(seen_at, *edited_at);
  return {OutboxEvent::Outcome::event, make_event_line(seen_at, "update", json::serialize(status))};
}

}  // namespace

Result<ArchiveOwner> read_archive_owner(std::string_view actor_json) {
  LINNET_TRY(const auto value, parse(actor_json, "actor.json"));
  const auto& actor = value.as_object();
  ArchiveOwner owner;
  owner.actor_uri = text_in(actor, "id");
  const auto url = net::parse_url(owner.actor_uri);
  if (!url) return invalid("actor.json: id: expected the address of the account");
  owner.instance_url = url->origin();
  owner.username = text_in(actor, "preferredUsername");
  if (owner.username.empty())
    return invalid("actor.json: preferredUsername: expected the name of the account");
  // Newer servers have their id in the address; of older ones only the name is known.
  const auto segment = last_segment(owner.actor_uri);
  owner.account_id = is_number(segment) ? segment : owner.username;
  owner.display_name = text_in(actor, "name");
  owner.url = address_of(actor, "url");
  if (owner.url.empty()) owner.url = owner.actor_uri;
  owner.avatar_url = address_of(actor, "icon");
  // In the archive this is a file name.
  if (!owner.avatar_url.starts_with("http")) owner.avatar_url.clear();
  owner.bio_html = text_in(actor, "summary");
  owner.is_bot = text_in(actor, "type") == "Service" || text_in(actor, "type") == "Application";
  owner.is_locked = truth_of(actor, "manuallyApprovesFollowers");
  if (auto published = text_in(actor, "published"); parse_iso8601(published)) owner.created_at = published;
  return owner;
}

Result<OutboxEvent> read_outbox_item(std::string_view item_json, const ArchiveOwner& owner) {
  LINNET_TRY(const auto value, parse(item_json, "the item"));
  const auto& item = value.as_object();
  const auto type = text_in(item, "type");
  const auto* object = item.if_contains("object");
  if (type != "Create" && type != "Announce") return OutboxEvent{};
  if (object == nullptr) return invalid("object: expected a post, got nothing");
  if (!object->is_object()) {
    if (type == "Announce") return OutboxEvent{OutboxEvent::Outcome::boost_of_other, {}};
    return invalid("object: expected a post");
  }
  const auto& note = object->as_object();
  const auto note_type = text_in(note, "type");
  if (note_type != "Note" && note_type != "Question" && note_type != "Article") return OutboxEvent{};
  if (visibility_of(note) == "direct") return OutboxEvent{OutboxEvent::Outcome::direct_message, {}};
  auto published = text_in(note, "published");
  if (published.empty()) published = text_in(item, "published");
  const auto author = address_of(note, "attributedTo");
  if (!author.empty() && author != owner.actor_uri)
    return OutboxEvent{OutboxEvent::Outcome::boost_of_other, {}};
  LINNET_TRY(auto status, status_of(note, owner, published));
  if (type == "Create") return event_of(status, published);

  // A boost of one's own post has it whole.
  const auto boosted_at = text_in(item, "published");
  if (!parse_iso8601(boosted_at)) return invalid("published: expected an ISO 8601 time");
  const auto id = last_segment(text_in(item, "id"));
  if (id.empty()) return invalid("id: expected the address of the boost");
  auto boost = status;
  boost["id"] = id;
  boost["created_at"] = boosted_at;
  boost["edited_at"] = nullptr;
  boost["uri"] = text_in(item, "id");
  boost["url"] = nullptr;
  boost["visibility"] = visibility_of(item);
  boost["reblog"] = std::move(status);
  return event_of(boost, boosted_at);
}

}  // namespace linnet::connect
