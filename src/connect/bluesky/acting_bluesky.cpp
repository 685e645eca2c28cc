#include "connect/bluesky/acting_bluesky.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/hash.hpp"
#include "base/json_members.hpp"
#include "connect/answer_table.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;
using model::ActionType;

constexpr const char* kPosts = "app.bsky.feed.post";

// An answer of the API that is no error.
bool is_plain_object(const net::HttpResponse& response) {
  const auto body = maybe_object(response.body);
  return body && !body->contains("error");
}

}  // namespace

namespace acting {

const char* collection_of(ActionType type) {
  switch (type) {
    case ActionType::like:
    case ActionType::unlike:
      return "app.bsky.feed.like";
    case ActionType::boost:
    case ActionType::unboost:
      return "app.bsky.feed.repost";
    case ActionType::follow:
    case ActionType::unfollow:
      return "app.bsky.graph.follow";
    default:
      return "app.bsky.feed.post";
  }
}

bool takes_back(ActionType type) {
  return type == ActionType::unlike || type == ActionType::unboost || type == ActionType::unfollow;
}

std::string web_address(const AtUri& uri) {
  return fmt::format("https://bsky.app/profile/{}/post/{}", uri.repo, uri.key);
}

}  // namespace acting

ActingBluesky::ActingBluesky(net::HttpTransport& transport, RequestBudget& budget, Clock& clock,
                             std::string did, Credentials credentials, CredentialKeeping keeping,
                             std::string chat_service)
    : transport_(transport),
      clock_(clock),
      service_(credentials.service),
      is_oauth_(!credentials.dpop_key.empty()),
      session_(transport, budget, clock, std::move(did), std::move(credentials), std::move(keeping)),
      chat_(session_, std::move(chat_service), is_oauth_) {}

Capabilities capabilities_of_bluesky() {
  using enum ActionType;
  Capabilities can;
  can.actions = {like,   unlike,   boost,   unboost,     comment,       reply,   delete_comment,
                 follow, unfollow, publish, delete_post, extract_stats, dm_send, dm_read};
  can.media = can.quotes = true;
  can.has_idempotency_key = true;  // the record's own key
  can.messages_have_no_key = true;
  return can;
}

// By the lexicons app.bsky.feed.post (300 graphemes, 3,000 bytes), app.bsky.embed.images (4 images of
// 2,000,000 bytes, descriptions of any length) and chat.bsky.convo.defs#messageInput (1,000 graphemes, 10,000
// bytes).
PlatformLimits limits_of_bluesky() {
  PlatformLimits limits;
  limits.text_unit = PlatformLimits::Unit::graphemes;
  limits.text_length = 300;
  limits.text_bytes = 3'000;
  limits.media_count = 4;
  limits.image_bytes = 2'000'000;
  limits.video_bytes = 0;
  limits.poll_options = 0;
  // The lexicon takes image/*; these are what its apps show.
  limits.media_types = {"image/jpeg", "image/png", "image/webp", "image/gif"};
  limits.message = PlatformLimits::Message{1'000, 10'000, 0};
  return limits;
}

namespace {

bool says_restricted(const net::HttpResponse& response) {
  return is_restricted(read_error(response));
}

// What timed out may have been done: it stays unknown, to be looked up. So does a 401 that says neither that
// the sign-in is void nor that the account is restricted: it may be anybody's in between.
constexpr AnswerMeaning kAnswers[] = {
    {200, 200, OutcomeKind::done},
    {429, 429, OutcomeKind::not_sent},
    {408, 408, OutcomeKind::unknown},
    {400, 499, OutcomeKind::refused, says_restricted, false, true},
    {400, 499, OutcomeKind::refused, ends_sign_in, true},
    {401, 401, OutcomeKind::unknown},
    {400, 499, OutcomeKind::refused},
};

}  // namespace

Capabilities ActingBluesky::capabilities() const {
  return capabilities_of_bluesky();
}

Result<PlatformLimits> ActingBluesky::limits(const std::stop_token& /*stop*/) {
  return limits_of_bluesky();
}

AtUri ActingBluesky::uri_of(const Order& order, const std::string& collection) const {
  return {session_.did(), collection, make_tid(order.first_tried_at, fast_hash(order.idempotency_key))};
}

Outcome ActingBluesky::outcome_of(const Result<net::HttpResponse>& response) {
  if (!response) return meaning_of(response.error());
  return meaning_of(*response, kAnswers, xrpc_error(*response, service_), clock_.now());
}

// Proxies say «no» with a status that says «yes»: what the answer does not name is looked up.
void ActingBluesky::doubt(Outcome& outcome, std::string_view what) {
  outcome.kind = OutcomeKind::unknown;
  outcome.platform_id.clear();
  outcome.error = unavailable(fmt::format("{}: the answer does not say that {}", service_, what));
}

Outcome ActingBluesky::put(const Order& order, const std::string& collection, json::object record,
                           const std::stop_token& stop) {
  const auto uri = uri_of(order, collection);
  record["$type"] = collection;
  record["createdAt"] = to_iso8601(order.first_tried_at);
  Session::Call call;
  call.method = "POST";
  call.name = "com.atproto.repo.putRecord";
  // `swapRecord` null: only where there is none yet.
  call.body = json::object{{"repo", session_.did()},
                           {"collection", collection},
                           {"rkey", uri.key},
                           {"record", std::move(record)},
                           {"swapRecord", nullptr}};
  const auto response = session_.call(call, stop);
  auto outcome = outcome_of(response);
  if (outcome.kind == OutcomeKind::done && text_in(parse_object(response->body), "uri") != uri.to_string()) {
    doubt(outcome, "the record was put");
    return outcome;
  }
  if (response && read_error(*response).name == "InvalidSwap") {
    // An earlier try put it there.
    const auto evidence = look(order, uri.to_string(), stop);
    outcome = {};
    if (evidence && evidence->shown == Evidence::Shown::yes) outcome.kind = OutcomeKind::done;
    if (!evidence) outcome.error = evidence.error();
    if (evidence && evidence->shown != Evidence::Shown::yes)
      outcome = refused(internal_error("another record stands under this key"));
  }
  if (outcome.kind == OutcomeKind::done) {
    outcome.platform_id = uri.to_string();
    if (collection == kPosts) outcome.url = acting::web_address(uri);
  }
  return outcome;
}

Outcome ActingBluesky::perform(const Order& order, const std::stop_token& stop) {
  session_.ask_before_writing(order.still_wanted);
  auto outcome = carry_out(order, stop);
  session_.ask_before_writing({});
  return outcome;
}

Outcome ActingBluesky::carry_out(const Order& order, const std::stop_token& stop) {
  const auto* const collection = acting::collection_of(order.type);
  switch (order.type) {
    case ActionType::publish:
    case ActionType::comment:
    case ActionType::reply:
      return publish(order, stop);
    case ActionType::like:
    case ActionType::boost:
    case ActionType::follow:
      return react(order, collection, stop);
    case ActionType::unlike:
    case ActionType::unboost:
    case ActionType::unfollow:
      return take_back(order, collection, stop);
    case ActionType::delete_post:
    case ActionType::delete_comment: {
      const auto uri = parse_at_uri(order.target_id);
      if (!uri || uri->repo != session_.did())
        return refused(invalid("post: expected the AT URI of a post of the account"));
      return remove(*uri, stop);
    }
    case ActionType::extract_stats:
      return count(order, stop);
    case ActionType::dm_send:
      return send_message(order, stop);
    case ActionType::dm_read:
      return mark_read(order, stop);
    default:
      return refused(invalid("Bluesky offers no such thing to programs"));
  }
}

Outcome ActingBluesky::react(const Order& order, const std::string& collection, const std::stop_token& stop) {
  const auto there = find_reaction(collection, order.target_id, stop);
  if (!there) return before_putting(there.error());
  if (*there && (*there)->key != uri_of(order, collection).key) {
    Outcome outcome;
    outcome.kind = OutcomeKind::already_done;
    outcome.platform_id = (*there)->to_string();
    return outcome;
  }
  if (order.type == ActionType::follow) {
    if (!is_did(order.target_id)) return refused(invalid("person: expected a DID"));
    return put(order, collection, {{"subject", order.target_id}}, stop);
  }
  auto subject = reference_to(order.target_id, stop);
  if (!subject) return before_putting(subject.error());
  return put(order, collection, {{"subject", std::move(*subject)}}, stop);
}

Outcome ActingBluesky::take_back(const Order& order, const std::string& collection,
                                 const std::stop_token& stop) {
  const auto there = find_reaction(collection, order.target_id, stop);
  if (!there) return before_putting(there.error());
  if (*there) return remove(**there, stop);
  Outcome outcome;
  outcome.kind = OutcomeKind::already_done;
  outcome.platform_id = order.target_id;
  return outcome;
}

Outcome ActingBluesky::remove(const AtUri& uri, const std::stop_token& stop) {
  Session::Call call;
  call.method = "POST";
  call.name = "com.atproto.repo.deleteRecord";
  call.body = json::object{{"repo", session_.did()}, {"collection", uri.collection}, {"rkey", uri.key}};
  const auto response = session_.call(call, stop);
  auto outcome = outcome_of(response);
  // The lexicon has nothing in it that must be there, but it is an object.
  if (outcome.kind == OutcomeKind::done && !is_plain_object(*response)) {
    doubt(outcome, "the record was deleted");
    return outcome;
  }
  if (outcome.kind == OutcomeKind::done) outcome.platform_id = uri.to_string();
  return outcome;
}

Result<ActingBluesky::Found> ActingBluesky::get_record(const AtUri& uri, const std::stop_token& stop) {
  Session::Call call;
  call.name = "com.atproto.repo.getRecord";
  call.parameters = {{"repo", uri.repo}, {"collection", uri.collection}, {"rkey", uri.key}};
  LINNET_TRY(const auto response, session_.call(call, stop));
  if (response.status != 200) return xrpc_error(response, service_);
  const auto body = parse_object(response.body);
  const auto* const value = object_in(body, "value");
  if (value == nullptr) return unavailable(fmt::format("{} sent a record that cannot be read", service_));
  return Found{*value, text_in(body, "cid")};
}

Result<json::object> ActingBluesky::reference_to(const std::string& text, const std::stop_token& stop) {
  LINNET_TRY(const auto id, with_did(text, stop));
  const auto uri = parse_at_uri(id);
  if (!uri) return invalid("post: expected an AT URI such as at://did:plc:…/app.bsky.feed.post/…");
  LINNET_TRY(const auto found, get_record(*uri, stop));
  return json::object{{"uri", id}, {"cid", found.cid}};
}

Result<Evidence> ActingBluesky::look(const Order& order, const std::string& platform_id,
                                     const std::stop_token& stop) {
  using Shown = Evidence::Shown;
  if (order.type == ActionType::dm_send) return look_for_message(order, platform_id, stop);
  if (order.type == ActionType::dm_read) return look_at_convo(order, stop);
  Evidence evidence;
  evidence.method = model::VerificationMethod::api_response;
  evidence.confidence = 0.95;
  const std::string collection = acting::collection_of(order.type);
  if (acting::takes_back(order.type)) {
    LINNET_TRY(const auto there, find_reaction(collection, order.target_id, stop));
    evidence.shown = there ? Shown::no : Shown::yes;
    evidence.platform_id = order.target_id;
    evidence.details = {{"exists", there.has_value()}};
    return evidence;
  }
  const bool deletes = order.type == ActionType::delete_post || order.type == ActionType::delete_comment;
  auto uri = uri_of(order, collection);
  const bool is_reaction =
      order.type == ActionType::like || order.type == ActionType::boost || order.type == ActionType::follow;
  if (is_reaction && platform_id.empty()) {
    // It may be there by another key: made by hand, on another device.
    LINNET_TRY(const auto there, find_reaction(collection, order.target_id, stop));
    if (there) uri = *there;
  }
  const auto& named = deletes || order.type == ActionType::extract_stats ? order.target_id : platform_id;
  if (const auto given = parse_at_uri(named)) uri = *given;
  const auto found = get_record(uri, stop);
  if (!found && found.error().kind != ErrorKind::not_found) return found.error();
  evidence.platform_id = uri.to_string();
  evidence.details = {{"exists", found.ok()}};
  evidence.shown = found.ok() == deletes ? Shown::no : Shown::yes;
  if (!found || deletes) return evidence;
  evidence.details["cid"] = found->cid;
  if (uri.collection == kPosts && model::has_text(order.type)) {
    const bool is_same = text_in(found->value, "text") == order.draft.text;
    const auto missing = acting::missing_of(order, found->value);
    evidence.details["text_is_the_same"] = is_same;
    evidence.shown = is_same && missing.empty() ? Shown::yes : Shown::no;
    if (!missing.empty()) {
      evidence.details["missing"] = json::array(missing.begin(), missing.end());
      evidence.why =
          fmt::format("it is there, but not with all that was asked for: {}", fmt::join(missing, ", "));
    }
    evidence.url = acting::web_address(uri);
  }
  return evidence;
}

Status ActingBluesky::check_credentials(const std::stop_token& stop) {
  return session_.check(stop);
}

}  // namespace linnet::connect::bluesky
