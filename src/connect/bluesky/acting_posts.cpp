// Posts: facets, pictures, link cards, quotes, threads (app.bsky.feed.post).
#include <fmt/format.h>

#include "connect/bluesky/acting_bluesky.hpp"
#include "connect/bluesky/facets.hpp"
#include "connect/bluesky/image_size.hpp"
#include "connect/bluesky/link_card.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

constexpr std::size_t kTellsItsSize = std::size_t{1}
                                      << 20U;  // what a camera writes about a picture comes first

json::object feature_of(const Facet& facet) {
  switch (facet.kind) {
    case Facet::Kind::link:
      return {{"$type", "app.bsky.richtext.facet#link"}, {"uri", facet.value}};
    case Facet::Kind::tag:
      return {{"$type", "app.bsky.richtext.facet#tag"}, {"tag", facet.value}};
    case Facet::Kind::mention:
      return {{"$type", "app.bsky.richtext.facet#mention"}, {"did", facet.value}};
  }
  return {};
}

}  // namespace

std::vector<std::string> acting::missing_of(const Order& order, const json::object& record) {
  std::vector<std::string> missing;
  const auto& draft = order.draft;
  const auto* const embed = object_in(record, "embed");
  const auto* const media = embed == nullptr ? nullptr : object_in(*embed, "media");
  const auto* const pictures = media != nullptr ? media : embed;
  const auto* const images = pictures == nullptr ? nullptr : pictures->if_contains("images");
  const std::size_t count = images != nullptr && images->is_array() ? images->as_array().size() : 0;
  if (count != draft.media.size()) missing.emplace_back("the pictures");
  for (std::size_t i = 0; i < count && i < draft.media.size(); ++i) {
    const auto* const image = images->as_array()[i].if_object();
    if (image != nullptr && text_in(*image, "alt") == draft.media[i].alt_text) continue;
    missing.emplace_back("a picture's description");
    break;
  }
  if (draft.quoted_id && (embed == nullptr || object_in(*embed, "record") == nullptr))
    missing.emplace_back("the quote");
  const auto* const languages = record.if_contains("langs");
  const bool has_language = languages != nullptr && languages->is_array() && !languages->as_array().empty() &&
                            languages->as_array().front() == json::value(draft.language);
  if (!draft.language.empty() && !has_language) missing.emplace_back("the language");
  if (order.type == model::ActionType::comment || order.type == model::ActionType::reply) {
    const auto* const reply = object_in(record, "reply");
    if (reply == nullptr || object_in(*reply, "parent") == nullptr) missing.emplace_back("what it answers");
  }
  return missing;
}

Outcome before_putting(Error error) {
  Outcome outcome;
  const bool is_final = error.kind == ErrorKind::invalid || error.kind == ErrorKind::not_found;
  outcome.signed_out = error.kind == ErrorKind::denied;
  outcome.kind = is_final || outcome.signed_out ? OutcomeKind::refused : OutcomeKind::not_sent;
  outcome.error = std::move(error);
  return outcome;
}

Result<json::array> ActingBluesky::make_facets(const std::string& text, const std::stop_token& stop) {
  json::array facets;
  for (auto facet : find_facets(text)) {
    if (facet.kind == Facet::Kind::mention) {
      auto did = did_of(facet.value, stop);
      // A name that nobody has stays plain text; a fault that passes is none.
      if (!did && did.error().kind == ErrorKind::not_found) continue;
      if (!did) return did.error();
      facet.value = std::move(did).value();
    }
    facets.push_back(json::object{{"index", json::object{{"byteStart", facet.begin}, {"byteEnd", facet.end}}},
                                  {"features", json::array{feature_of(facet)}}});
  }
  return facets;
}

Result<json::object> ActingBluesky::make_reply(const std::string& parent, const std::stop_token& stop) {
  const auto uri = parse_at_uri(parent);
  if (!uri) return invalid("post: expected an AT URI such as at://did:plc:…/app.bsky.feed.post/…");
  LINNET_TRY(const auto found, get_record(*uri, stop));
  const json::object reference{{"uri", parent}, {"cid", found.cid}};
  json::object reply{{"parent", reference}, {"root", reference}};
  // What the post above answers began the conversation.
  const auto* const above = found.value.if_contains("reply");
  if (above != nullptr && above->is_object()) {
    if (const auto* const root = above->as_object().if_contains("root"); root != nullptr && root->is_object())
      reply["root"] = *root;
  }
  return reply;
}

// The blob that the server answers is what the post names.
Upload ActingBluesky::upload(const MediaFile& file, const Order& order, const std::stop_token& stop) {
  Session::Call call;
  call.method = "POST";
  call.name = "com.atproto.repo.uploadBlob";
  call.file = net::FileBody{"", file.path, static_cast<std::uint64_t>(file.size), ""};
  call.content_type = file.media_type;
  session_.ask_before_writing(order.still_wanted);
  const auto response = session_.call(call, stop);
  session_.ask_before_writing({});
  if (!response) return {"", before_putting(response.error())};
  if (response->status != 200) return {"", before_putting(xrpc_error(*response, service_))};
  const auto body = parse_object(response->body);
  const auto* const blob = object_in(body, "blob");
  if (blob == nullptr) return {"", before_putting(unavailable(fmt::format("{} kept no picture", service_)))};
  return {json::serialize(*blob)};
}

Result<json::object> ActingBluesky::make_embed(const Draft& draft, const std::stop_token& stop) {
  json::object media;
  json::array images;
  for (const auto& file : draft.media) {
    auto blob = maybe_object(file.uploaded_id);
    if (!blob) return internal_error("a file was not uploaded before its post");
    json::object image{{"alt", file.alt_text}, {"image", std::move(*blob)}};
    // Without it clients show pictures cropped to a square.
    const auto head = read_file(file.path, kTellsItsSize);
    if (const auto size = head ? read_image_size(*head) : std::nullopt)
      image["aspectRatio"] = json::object{{"width", size->width}, {"height", size->height}};
    images.push_back(std::move(image));
  }
  if (!images.empty()) {
    media = {{"$type", "app.bsky.embed.images"}, {"images", std::move(images)}};
  } else if (draft.link) {
    const auto card = fetch_card(transport_, *draft.link, stop);
    media = {{"$type", "app.bsky.embed.external"},
             {"external", json::object{{"uri", *draft.link},
                                       {"title", card.title.empty() ? *draft.link : card.title},
                                       {"description", card.description}}}};
  }
  if (!draft.quoted_id) return media;
  LINNET_TRY(auto quoted, reference_to(*draft.quoted_id, stop));
  json::object record{{"$type", "app.bsky.embed.record"}, {"record", std::move(quoted)}};
  if (media.empty()) return record;
  return json::object{{"$type", "app.bsky.embed.recordWithMedia"},
                      {"record", std::move(record)},
                      {"media", std::move(media)}};
}

Outcome ActingBluesky::publish(const Order& order, const std::stop_token& stop) {
  // What is asked and uploaded before the post is put is seen by nobody: losing it does no harm.
  json::object record{{"text", order.draft.text}};
  auto facets = make_facets(order.draft.text, stop);
  if (!facets) return before_putting(facets.error());
  if (!facets->empty()) record["facets"] = std::move(*facets);
  if (!order.draft.language.empty()) record["langs"] = json::array{json::value(order.draft.language)};
  if (order.type != model::ActionType::publish) {
    auto reply = make_reply(order.target_id, stop);
    if (!reply) return before_putting(reply.error());
    record["reply"] = std::move(*reply);
  }
  auto embed = make_embed(order.draft, stop);
  if (!embed) return before_putting(embed.error());
  if (!embed->empty()) record["embed"] = std::move(*embed);
  return put(order, "app.bsky.feed.post", std::move(record), stop);
}

}  // namespace linnet::connect::bluesky
