#include "connect/bluesky/post_record.hpp"

#include <algorithm>

#include "connect/bluesky/record_key.hpp"
#include "connect/log_lines.hpp"
#include "connect/sighting_text.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = simdjson::dom;
using model::MaybeText;
using model::MediaSighting;
using model::PostSighting;

// The platform allows 8 tags beside the text, 4 images and 3000 bytes of text; these are for strangers.
constexpr std::size_t kMostFacets = 500;
constexpr std::size_t kMostParts = 100;

// What authors say themselves that others may not want to see unasked.
bool is_sensitive_label(std::string_view label) {
  for (const auto* const known : {"porn", "sexual", "nudity", "graphic-media", "gore"}) {
    if (label == known) return true;
  }
  return false;
}

// Between characters, not within one.
bool is_boundary(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

void append_escaped(std::string& html, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\n':
        html += "<br>";
        break;
      default:
        html += c;
    }
  }
}

// The name of a type after «#», or of the last part of its NSID.
std::string_view last_part(std::string_view type) {
  const auto at = type.find_last_of("#.");
  return at == std::string_view::npos ? type : type.substr(at + 1);
}

std::string_view text_at(json::object& object, std::string_view name) {
  std::string_view text;
  return object.at_key(name).get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

// The CID of a blob: {"ref":{"$link":…}}, or {"cid":…} as it was written before 2023.
std::string_view blob_cid(json::element value) {
  json::object blob;
  if (value.get_object().get(blob) != simdjson::SUCCESS) return {};
  json::object ref;
  if (blob.at_key("ref").get_object().get(ref) == simdjson::SUCCESS) return text_at(ref, "$link");
  return text_at(blob, "cid");
}

}  // namespace

MaybeText PostRecordReader::maybe_text(Value value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return {};
  return keep_text(arena_, text);
}

FieldError PostRecordReader::read(json::object record, PostSighting& post) {
  for (const auto& [key, part] : record) {
    if (auto error = read_field(key, part, post)) return error;
  }
  use_facets(post);
  return {};
}

FieldError PostRecordReader::read_field(std::string_view key, Value value, PostSighting& post) {
  if (key == "text") {
    text_ = maybe_text(value).value_or(std::string_view());
  } else if (key == "createdAt") {
    if (const auto text = maybe_text(value)) created_at_ = parse_iso8601(*text);
  } else if (key == "langs") {
    json::array langs;
    if (value.get_array().get(langs) != simdjson::SUCCESS) return {};
    for (auto lang : langs) {
      std::string_view text;
      if (lang.get_string().get(text) != simdjson::SUCCESS || text.size() > kLongestKey) continue;
      if (!post.language && !text.empty()) post.language = keep_text(arena_, text);
    }
  } else if (key == "facets") {
    read_facets(value);
  } else if (key == "tags") {
    read_tags(value, post);
  } else if (key == "reply") {
    read_reply(value, post);
  } else if (key == "embed") {
    read_embed(value, post, 0);
  } else if (key == "labels") {
    json::array labels;
    if (value["values"].get_array().get(labels) != simdjson::SUCCESS) return {};
    for (auto label : labels) {
      std::string_view name;
      if (label["val"].get_string().get(name) == simdjson::SUCCESS && is_sensitive_label(name))
        post.sensitive = true;
    }
  }
  return {};
}

void PostRecordReader::read_tags(Value value, PostSighting& post) {
  json::array tags;
  if (value.get_array().get(tags) != simdjson::SUCCESS) return;
  for (auto tag : tags) {
    std::string_view name;
    if (tag.get_string().get(name) == simdjson::SUCCESS) add_tag(post, name);
  }
}

void PostRecordReader::add_tag(PostSighting& post, std::string_view name) {
  if (name.empty() || name.size() > kLongestKey || post.hashtags.size() == kMostParts) return;
  const auto tag = keep_hashtag(arena_, name);
  if (std::find(post.hashtags.begin(), post.hashtags.end(), tag) == post.hashtags.end())
    post.hashtags.push_back(tag);
}

void PostRecordReader::read_reply(Value value, PostSighting& post) {
  std::string_view text;
  if (value["parent"]["uri"].get_string().get(text) != simdjson::SUCCESS) return;
  if (text == kErasedPost) post.in_reply_to_id = kErasedPost;
  const auto uri = parse_at_uri(text);
  if (!uri || text.size() > kLongestKey) return;
  post.in_reply_to_id = keep_text(arena_, text);
  post.in_reply_to_account_id = keep_text(arena_, uri->repo);
}

// Pictures and videos; quotes and link cards are no media.
void PostRecordReader::read_embed(Value value, PostSighting& post, int depth) {
  json::object embed;
  if (value.get_object().get(embed) != simdjson::SUCCESS) return;
  MediaSighting video;
  for (const auto& [key, part] : embed) {
    if (key == "images") {
      read_images(part, post);
    } else if (key == "video") {
      video.id = keep_text(arena_, blob_cid(part));
    } else if (key == "alt") {
      video.description = maybe_text(part);
    } else if (key == "media" && depth == 0) {
      read_embed(part, post, depth + 1);
    }
  }
  video.type = "video";
  add_media(post, video);
}

void PostRecordReader::read_images(Value value, PostSighting& post) {
  json::array images;
  if (value.get_array().get(images) != simdjson::SUCCESS) return;
  for (auto element : images) {
    json::object image;
    if (element.get_object().get(image) != simdjson::SUCCESS) continue;
    MediaSighting one;
    one.type = "image";
    json::element blob;
    if (image.at_key("image").get(blob) == simdjson::SUCCESS) one.id = keep_text(arena_, blob_cid(blob));
    one.description = keep_text(arena_, text_at(image, "alt"));
    add_media(post, one);
  }
}

void PostRecordReader::add_media(PostSighting& post, MediaSighting media) {
  if (media.id.empty() || media.id.size() > kLongestKey || post.media.size() == kMostParts) return;
  const bool is_known = std::any_of(post.media.begin(), post.media.end(),
                                    [&](const MediaSighting& other) { return other.id == media.id; });
  if (media.description && media.description->empty()) media.description.reset();
  if (!is_known) post.media.push_back(media);
}

void PostRecordReader::read_facets(Value value) {
  json::array facets;
  if (value.get_array().get(facets) != simdjson::SUCCESS) return;
  for (auto element : facets) {
    json::object object;
    if (facets_.size() < kMostFacets && element.get_object().get(object) == simdjson::SUCCESS)
      read_facet(object);
  }
}

void PostRecordReader::read_facet(json::object object) {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::vector<Facet> found;
  for (const auto& [key, part] : object) {
    if (key == "index") {
      json::object index;
      if (part.get_object().get(index) != simdjson::SUCCESS ||
          index.at_key("byteStart").get_uint64().get(begin) != simdjson::SUCCESS ||
          index.at_key("byteEnd").get_uint64().get(end) != simdjson::SUCCESS)
        return;
    } else if (key == "features") {
      json::array features;
      if (part.get_array().get(features) != simdjson::SUCCESS) return;
      for (auto element : features) {
        json::object feature;
        Facet facet;
        bool is_known = false;
        if (element.get_object().get(feature) == simdjson::SUCCESS) read_feature(feature, facet, is_known);
        if (is_known && found.size() < kMostFacets) found.push_back(facet);
      }
    }
  }
  for (auto& facet : found) {
    facet.begin = begin;
    facet.end = end;
    if (facets_.size() < kMostFacets) facets_.push_back(facet);
  }
}

void PostRecordReader::read_feature(json::object object, Facet& facet, bool& is_known) {
  const auto type = last_part(text_at(object, "$type"));
  const auto name = type == "link" ? "uri" : type == "mention" ? "did" : type == "tag" ? "tag" : "";
  if (name[0] == '\0') return;
  facet.feature = type == "link" ? Feature::link : type == "mention" ? Feature::mention : Feature::tag;
  facet.value = keep_text(arena_, text_at(object, name));
  is_known = !facet.value.empty() && (facet.feature != Feature::mention || is_did(facet.value));
}

bool PostRecordReader::fits(const Facet& facet, std::size_t from) const {
  return facet.begin >= from && facet.begin < facet.end && facet.end <= text_.size() &&
         is_boundary(text_, facet.begin) && is_boundary(text_, facet.end);
}

// Every address is escaped, and the sanitiser looks at it again before it is shown.
void PostRecordReader::append_link(const Facet& facet) {
  const auto shown = text_.substr(facet.begin, facet.end - facet.begin);
  if (facet.feature == Feature::link) {
    scratch_ += "<a href=\"";
    append_escaped(scratch_, facet.value);
  } else if (facet.feature == Feature::mention) {
    // As a link would be: the words stay as they are when the person is erased.
    scratch_ += "<a href=\"https://bsky.app/profile/";
    append_escaped(scratch_, facet.value);
  } else {
    scratch_ += "<a class=\"mention hashtag\" href=\"https://bsky.app/hashtag/";
    scratch_ += net::percent_encode(facet.value);
  }
  scratch_ += "\">";
  append_escaped(scratch_, shown);
  scratch_ += "</a>";
}

void PostRecordReader::use_facets(PostSighting& post) {
  std::stable_sort(facets_.begin(), facets_.end(),
                   [](const Facet& a, const Facet& b) { return a.begin < b.begin; });
  scratch_ = "<p>";
  std::size_t at = 0;
  for (const auto& facet : facets_) {
    // A tag counts wherever it says it stands; only what is shown has to fit.
    if (facet.feature == Feature::tag) add_tag(post, facet.value);
    if (facet.feature == Feature::mention && post.mentions.size() < kMostParts) {
      const bool has_place = fits(facet, 0) && text_[facet.begin] == '@';
      const auto name =
          has_place ? text_.substr(facet.begin + 1, facet.end - facet.begin - 1) : std::string_view();
      const bool is_known = std::any_of(post.mentions.begin(), post.mentions.end(),
                                        [&](const auto& other) { return other.account_id == facet.value; });
      if (!is_known) post.mentions.push_back({facet.value, is_handle(name) ? name : facet.value});
    }
    if (!fits(facet, at)) continue;
    append_escaped(scratch_, text_.substr(at, facet.begin - at));
    append_link(facet);
    at = facet.end;
  }
  append_escaped(scratch_, text_.substr(at));
  scratch_ += "</p>";
  post.content_html = text_.empty() ? std::string_view() : arena_.copy(scratch_);
  post.content_text = text_;
}

}  // namespace linnet::connect::bluesky
