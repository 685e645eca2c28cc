// What is written and taken back: posts, replies, messages, media.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connect/audience.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using model::ActionType;

json::object body_of(const Order& order) {
  const auto& draft = order.draft;
  json::object body{{"status", draft.text}};
  if (!draft.spoiler_text.empty()) body["spoiler_text"] = draft.spoiler_text;
  if (draft.sensitive) body["sensitive"] = true;
  if (!draft.language.empty()) body["language"] = draft.language;
  if (!draft.visibility.empty()) body["visibility"] = draft.visibility;
  if (!draft.quote_policy.empty()) body["quote_approval_policy"] = draft.quote_policy;
  if (draft.quoted_id) body["quoted_status_id"] = *draft.quoted_id;
  if (draft.scheduled_at) body["scheduled_at"] = to_iso8601(*draft.scheduled_at);
  if (order.type == ActionType::comment || order.type == ActionType::reply)
    body["in_reply_to_id"] = order.target_id;
  if (draft.poll) body["poll"] = acting::poll_of(*draft.poll);
  return body;
}

}  // namespace

Upload ActingMastodon::upload(const MediaFile& file, const Order& order, const std::stop_token& stop) {
  auto form = net::make_multipart(
      {{"description", file.alt_text, "", ""}},
      {"file", file.path, static_cast<std::uint64_t>(file.size), file.name, file.media_type});
  if (!form) return {"", refused(form.error())};
  const auto response =
      call({.method = "POST", .path = "/api/v2/media", .form = std::move(*form), .order = &order}, stop);
  auto outcome = outcome_of(response, "a file");
  // Files without a post are seen by nobody: a lost answer does no harm.
  if (outcome.kind == OutcomeKind::unknown) outcome.kind = OutcomeKind::not_sent;
  if (outcome.kind != OutcomeKind::done) return {"", std::move(outcome)};
  if (response->status != 202) ready_media_.insert(outcome.platform_id);
  return {std::move(outcome.platform_id)};
}

std::optional<Outcome> ActingMastodon::wait_for_media(const std::string& id, const std::stop_token& stop) {
  constexpr int kMostLooks = 60;
  if (ready_media_.erase(id) > 0) return {};
  for (int look = 0; look < kMostLooks; ++look) {
    const auto response = call({.path = "/api/v1/media/" + net::percent_encode(id)}, stop);
    if (!response) return acting::not_sent(response.error());
    if (response->status == 200) return {};
    auto error = api_error(*response, options_.base_url, true);
    if (response->status == 404 && acting::is_api_error(*response)) return refused(std::move(error));
    if (response->status != 206) return acting::not_sent(std::move(error));
    if (!clock_.sleep_for(std::chrono::seconds(1), stop)) break;
  }
  return acting::not_sent(unavailable(fmt::format("{} is still working on the file", options_.base_url)));
}

std::optional<Outcome> ActingMastodon::add_media(const Draft& draft, json::object& body,
                                                 const std::stop_token& stop) {
  if (draft.media.empty()) return {};
  json::array ids;
  for (const auto& file : draft.media) {
    if (file.uploaded_id.empty()) return refused(internal_error("a file was not uploaded before its post"));
    if (auto failure = wait_for_media(file.uploaded_id, stop)) return failure;
    ids.emplace_back(file.uploaded_id);
  }
  body["media_ids"] = std::move(ids);
  return {};
}

Status ActingMastodon::address_message(const Order& order, json::object& body, const std::stop_token& stop) {
  body["visibility"] = "direct";
  // Always as the server names whom the rules judged: the order's own name is for display.
  std::string mention;
  if (order.target_type == model::TargetType::dm_thread) {
    LINNET_TRY(const auto thread, thread_with_one(order.target_id, stop));
    if (thread) mention = thread->participant_name;
    if (thread && !thread->messages.empty()) body["in_reply_to_id"] = thread->messages.back().id;
  } else {
    LINNET_TRY(const auto account, read("/api/v1/accounts/" + net::percent_encode(order.target_id), stop));
    const auto* const object = account.if_object();
    if (object != nullptr && text_or_number_in(*object, "id") == order.target_id)
      mention = text_or_number_in(*object, "acct");
  }
  if (mention.empty()) return not_found("the server does not know whom the message goes to");
  body["status"] = fmt::format("@{} {}", mention, order.draft.text);
  return {};
}

ActingMastodon::Standing ActingMastodon::look_before_writing(const Order& order,
                                                             const std::stop_token& stop) {
  const auto response = call({.path = "/api/v1/statuses/" + net::percent_encode(order.target_id)}, stop);
  Standing standing;
  auto outcome = outcome_of(response, "the post to answer or edit");
  if (outcome.kind == OutcomeKind::unknown) outcome.kind = OutcomeKind::not_sent;  // it was only read
  if (outcome.kind != OutcomeKind::done) {
    standing.failure = std::move(outcome);
    return standing;
  }
  standing.status = json::parse(response->body).as_object();
  // An answer would show it to others or be a message itself, and an edit may add people to it: the rules for
  // messages were not asked.
  if (text_or_number_in(standing.status, "visibility") == "direct") {
    standing.failure = refused(invalid("post_id: it is a direct message; use dm_send to its conversation"));
  }
  return standing;
}

// As Mastodon's own web client does (`privacyPreference` in reducers/compose.js): servers do not narrow it,
// and a public answer would name the people and the post that were meant for fewer.
Result<std::string> ActingMastodon::visibility_of_answer(const json::object& answered,
                                                         const std::stop_token& stop) {
  constexpr std::array<std::string_view, 3> kNarrower{"public", "unlisted", "private"};
  const auto rank = [&](std::string_view visibility) {
    return std::find(kNarrower.begin(), kNarrower.end(), visibility) - kNarrower.begin();
  };
  const auto theirs = text_or_number_in(answered, "visibility");
  const auto wanted = rank(theirs);
  if (wanted == 0 || wanted == rank("")) return std::string();
  LINNET_TRY(const auto account, read("/api/v1/accounts/verify_credentials", stop));
  const auto* const source = account.is_object() ? object_in(account.as_object(), "source") : nullptr;
  auto own = source == nullptr ? std::string() : text_or_number_in(*source, "privacy");
  if (own.empty()) own = "public";  // some servers have no default of an account
  return rank(own) < wanted ? theirs : std::string();
}

Outcome ActingMastodon::publish(const Order& order, const std::stop_token& stop) {
  if (const auto seen = check_visibility(order.draft, order.type); !seen) return refused(seen.error());
  auto body = body_of(order);
  if (order.type == ActionType::dm_send) {
    if (const auto addressed = address_message(order, body, stop); !addressed) {
      const auto& error = addressed.error();
      const bool is_final = error.kind == ErrorKind::not_found || error.kind == ErrorKind::invalid;
      return is_final ? refused(error) : acting::not_sent(error);
    }
  }
  std::string narrowed;
  if (order.type == ActionType::comment || order.type == ActionType::reply) {
    auto standing = look_before_writing(order, stop);
    if (standing.failure) return std::move(*standing.failure);
    if (order.draft.visibility.empty()) {
      auto narrower = visibility_of_answer(standing.status, stop);
      if (!narrower) return acting::not_sent(narrower.error());
      narrowed = std::move(*narrower);
      if (!narrowed.empty()) body["visibility"] = narrowed;
    }
  }
  if (auto failure = add_media(order.draft, body, stop)) return std::move(*failure);
  auto outcome = outcome_of(call({.method = "POST",
                                  .path = "/api/v1/statuses",
                                  .body = std::move(body),
                                  .idempotency_key = order.idempotency_key,
                                  .order = &order},
                                 stop),
                            "the post");
  if (outcome.kind == OutcomeKind::done && order.draft.scheduled_at) outcome.details["scheduled"] = true;
  if (!narrowed.empty()) outcome.details["visibility"] = narrowed;
  return outcome;
}

Outcome ActingMastodon::remove(const Order& order, const std::stop_token& stop) {
  const auto response = call({.method = "DELETE",
                              .path = "/api/v1/statuses/" + net::percent_encode(order.target_id),
                              .order = &order},
                             stop);
  if (response && (response->status == 404 || response->status == 410) && acting::is_api_error(*response)) {
    Outcome gone;
    gone.kind = OutcomeKind::already_done;
    gone.platform_id = order.target_id;
    return gone;
  }
  auto outcome = outcome_of(response, "the deletion");
  outcome.url.clear();
  return outcome;
}

}  // namespace linnet::connect::mastodon
