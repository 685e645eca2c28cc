// Whom and what an order is about: the post or person it is aimed at, whom its own text reaches, and what the
// app view counts. A PDS keeps the records of its own accounts; the rest it asks the app view for, where it
// has one.
#include <fmt/format.h>

#include "connect/bluesky/acting_bluesky.hpp"
#include "connect/bluesky/facets.hpp"
#include "connect/bluesky/names.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;
using model::ActionType;

std::int64_t number_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->as_int64() : 0;
}

void add_link(const json::object* card, std::vector<std::string>& links) {
  if (card != nullptr && !text_in(*card, "uri").empty()) links.push_back(text_in(*card, "uri"));
}

// Those in the text and of the card.
std::vector<std::string> links_of(const json::object& post) {
  std::vector<std::string> links;
  const auto* const facets = post.if_contains("facets");
  for (const auto& facet : facets != nullptr && facets->is_array() ? facets->as_array() : json::array()) {
    const auto* const object = facet.if_object();
    const auto* const features = object == nullptr ? nullptr : object->if_contains("features");
    if (features == nullptr || !features->is_array()) continue;
    for (const auto& feature : features->as_array()) add_link(feature.if_object(), links);
  }
  const auto* embed = object_in(post, "embed");
  if (const auto* const media = embed == nullptr ? nullptr : object_in(*embed, "media")) embed = media;
  if (embed != nullptr) add_link(object_in(*embed, "external"), links);
  return links;
}

}  // namespace

Result<std::optional<json::object>> ActingBluesky::ask_view(const std::string& method,
                                                            const net::QueryParameters& parameters,
                                                            const std::stop_token& stop) {
  Session::Call call;
  call.name = method;
  call.parameters = parameters;
  LINNET_TRY(const auto response, session_.call(call, stop));
  // A PDS without an app view says 400, 404 or 501, one that lets us not ask it 403, and an app view 400 of
  // whom it does not know.
  const auto status = response.status;
  if (status == 400 || status == 403 || status == 404 || status == 501) return std::optional<json::object>();
  if (response.status != 200) return xrpc_error(response, service_);
  boost::system::error_code code;
  auto body = json::parse(response.body, code);
  if (code || !body.is_object())
    return unavailable(fmt::format("{} sent an answer that cannot be read", service_));
  return std::optional(std::move(body.as_object()));
}

Result<std::optional<json::object>> ActingBluesky::view_of_post(const AtUri& uri,
                                                                const std::stop_token& stop) {
  LINNET_TRY(const auto view, ask_view("app.bsky.feed.getPosts", {{"uris", uri.to_string()}}, stop));
  const auto* const posts = view ? view->if_contains("posts") : nullptr;
  if (posts == nullptr || !posts->is_array()) return std::optional<json::object>();
  for (const auto& post : posts->as_array()) {
    if (post.is_object() && text_in(post.as_object(), "uri") == uri.to_string())
      return std::optional(post.as_object());
  }
  return std::optional<json::object>();
}

Result<ActingBluesky::Profile> ActingBluesky::profile_of(const std::string& did,
                                                         const std::stop_token& stop) {
  Profile profile;
  profile.person.id = did;
  LINNET_TRY(const auto view, ask_view("app.bsky.actor.getProfile", {{"actor", did}}, stop));
  if (view && text_in(*view, "did") == did) {
    profile.person.name = text_in(*view, "handle");
    profile.person.bio = text_in(*view, "description");
    profile.followers = number_in(*view, "followersCount");
  } else {
    LINNET_TRY(const auto repo, ask_view("com.atproto.repo.describeRepo", {{"repo", did}}, stop));
    if (repo && text_in(*repo, "did") == did) profile.person.name = text_in(*repo, "handle");
    const auto record = get_record({did, "app.bsky.actor.profile", "self"}, stop);
    if (record) profile.person.bio = text_in(record->value, "description");
    if (!record && record.error().kind == ErrorKind::unavailable) return record.error();
  }
  if (profile.person.name == "handle.invalid") profile.person.name.clear();
  return profile;
}

Result<std::string> ActingBluesky::did_of(const std::string& handle, const std::stop_token& stop) {
  if (is_did(handle)) return handle;
  Session::Call call;
  call.name = "com.atproto.identity.resolveHandle";
  call.parameters = {{"handle", handle}};
  LINNET_TRY(const auto response, session_.call(call, stop));
  return read_did(response, handle, service_);
}

Result<std::string> ActingBluesky::with_did(const std::string& id, const std::stop_token& stop) {
  if (!names_handle(id)) return id;
  LINNET_TRY(const auto did, did_of(handle_in(id), stop));
  return put_did(id, did);
}

Result<bool> ActingBluesky::is_done(const Order& order, const std::string& subject,
                                    const std::stop_token& stop) {
  if (!model::is_idempotent(order.type) ||
      acting::collection_of(order.type) == std::string("app.bsky.feed.post"))
    return false;
  const auto there = find_reaction(acting::collection_of(order.type), subject, stop);
  // Of an account with very many it cannot be told; doing it looks again.
  if (!there) return there.error().kind == ErrorKind::unavailable ? Result<bool>(false) : there.error();
  return there->has_value() != acting::takes_back(order.type);
}

Status ActingBluesky::read_target_post(const Order& order, const AtUri& uri, Target& target,
                                       const std::stop_token& stop) {
  target.post_url = acting::web_address(uri);
  const auto found = get_record(uri, stop);
  const bool deletes = order.type == ActionType::delete_post || order.type == ActionType::delete_comment;
  if (!found && !(deletes && found.error().kind == ErrorKind::not_found)) return found.error();
  if (found) {
    target.post_text = text_in(found->value, "text");
    target.links = links_of(found->value);
  }
  target.already_done = deletes && !found;
  return {};
}

Result<Target> ActingBluesky::target(const Order& order, const std::stop_token& stop) {
  Target target;
  const bool is_message = order.type == ActionType::dm_send || order.type == ActionType::dm_read;
  const bool is_post = order.target_type == model::TargetType::post;
  if (is_message) {
    LINNET_TRY(const auto person, read_target_message(order, stop));
    if (!person.empty()) LINNET_CHECK(read_target_person(person, target, stop));
  } else if (is_post || order.target_type == model::TargetType::user) {
    LINNET_TRY(const auto subject, with_did(order.target_id, stop));
    auto person = subject;
    if (is_post) {
      const auto uri = parse_at_uri(subject);
      if (!uri) return invalid("post_id: expected an AT URI such as at://did:plc:…/app.bsky.feed.post/…");
      LINNET_CHECK(read_target_post(order, *uri, target, stop));
      person = uri->repo;
    }
    LINNET_CHECK(read_target_person(person, target, stop));
    if (!target.already_done) {
      LINNET_TRY(target.already_done, is_done(order, subject, stop));
    }
  }
  if (model::has_text(order.type)) LINNET_CHECK(read_audience(order.draft, target, stop));
  return target;
}

Status ActingBluesky::read_target_person(const std::string& did, Target& target,
                                         const std::stop_token& stop) {
  LINNET_TRY(auto profile, profile_of(did, stop));
  target.author_id = std::move(profile.person.id);
  target.author_name = std::move(profile.person.name);
  target.author_bio = std::move(profile.person.bio);
  target.author_followers = profile.followers;
  return {};
}

Status ActingBluesky::read_audience(const Draft& draft, Target& target, const std::stop_token& stop) {
  for (const auto& facet : find_facets(draft.text)) {
    if (facet.kind != Facet::Kind::mention) continue;
    const auto did = did_of(facet.value, stop);
    // A name that nobody has mentions nobody.
    if (!did && did.error().kind == ErrorKind::not_found) continue;
    if (!did) return did.error();
    LINNET_TRY(auto profile, profile_of(*did, stop));
    if (profile.person.name.empty()) profile.person.name = facet.value;
    target.mentioned.push_back(std::move(profile.person));
  }
  if (!draft.quoted_id) return {};
  LINNET_TRY(const auto quoted, with_did(*draft.quoted_id, stop));
  const auto uri = parse_at_uri(quoted);
  if (!uri) return invalid("quoted_id: expected an AT URI such as at://did:plc:…/app.bsky.feed.post/…");
  LINNET_TRY(auto profile, profile_of(uri->repo, stop));
  target.quoted = std::move(profile.person);
  return {};
}

Outcome ActingBluesky::count(const Order& order, const std::stop_token& stop) {
  const auto found = reference_to(order.target_id, stop);
  if (!found) return before_putting(found.error());
  Outcome outcome;
  outcome.kind = OutcomeKind::done;
  outcome.platform_id = order.target_id;
  const auto uri = parse_at_uri(order.target_id);
  const auto view = view_of_post(*uri, stop);
  if (!view) return before_putting(view.error());
  if (!*view) return outcome;  // nobody counts here
  for (const auto& [theirs, ours] :
       {std::pair{"replyCount", "replies_count"}, std::pair{"repostCount", "reblogs_count"},
        std::pair{"likeCount", "favourites_count"}, std::pair{"quoteCount", "quotes_count"}})
    outcome.details[ours] = number_in(**view, theirs);
  return outcome;
}

}  // namespace linnet::connect::bluesky
