// What is written and taken back: posts, replies, messages, media.
#include <fmt/format.h>

#include "connect/audience.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "net/multipart.hpp"
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
  if (draft.poll) {
    body["poll"] = json::object{
        {"options", json::array(draft.poll->options.begin(), draft.poll->options.end())},
        {"expires_in", std::chrono::duration_cast<std::chrono::seconds>(draft.poll->open_for).count()},
        {"multiple", draft.poll->multiple}};
  }
  return body;
}

void keep_media(const json::object& status, json::object& body) {
  const auto* const media = status.if_contains("media_attachments");
  json::array ids;
  if (media != nullptr && media->is_array()) {
    for (const auto& file : media->as_array()) {
      if (file.is_object()) ids.emplace_back(acting::text_in(file.as_object(), "id"));
    }
  }
  if (!ids.empty()) body["media_ids"] = std::move(ids);
}

}  // namespace

ActingMastodon::Uploaded ActingMastodon::upload(const std::vector<MediaFile>& files,
                                                const std::stop_token& stop) {
  Uploaded uploaded;
  for (const auto& file : files) {
    auto form = net::make_multipart(
        {{"description", file.alt_text, "", ""}, {"file", file.bytes, file.name, file.media_type}});
    if (!form) {
      uploaded.failure = acting::refused(form.error());
      return uploaded;
    }
    const auto response = call({"POST", "/api/v2/media", nullptr, "", form->body, form->content_type}, stop);
    auto outcome = outcome_of(response, "a file");
    // Files without a post are seen by nobody: a lost answer does no harm.
    if (outcome.kind == OutcomeKind::unknown) outcome.kind = OutcomeKind::not_sent;
    if (outcome.kind != OutcomeKind::done) {
      uploaded.failure = std::move(outcome);
      return uploaded;
    }
    if (response->status == 202) uploaded.failure = wait_for_media(outcome.platform_id, stop);
    if (uploaded.failure) return uploaded;
    uploaded.ids.emplace_back(outcome.platform_id);
  }
  return uploaded;
}

std::optional<Outcome> ActingMastodon::wait_for_media(const std::string& id, const std::stop_token& stop) {
  constexpr int kMostLooks = 60;
  for (int look = 0; look < kMostLooks; ++look) {
    const auto response =
        call({"GET", "/api/v1/media/" + net::percent_encode(id), nullptr, "", "", ""}, stop);
    if (!response) return acting::not_sent(response.error());
    if (response->status == 200) return {};
    if (response->status != 206) return acting::not_sent(api_error(*response, options_.base_url, true));
    if (!clock_.sleep_for(std::chrono::seconds(1), stop)) break;
  }
  return acting::not_sent(unavailable(fmt::format("{} is still working on the file", options_.base_url)));
}

Status ActingMastodon::address_message(const Order& order, json::object& body, const std::stop_token& stop) {
  body["visibility"] = "direct";
  // Always as the server names whom the rules judged: the order's own name is for display.
  std::string mention;
  if (order.target_type == model::TargetType::dm_thread) {
    LINNET_TRY(const auto thread, find_thread(order.target_id, stop));
    if (thread) mention = thread->participant_name;
    if (thread && !thread->messages.empty()) body["in_reply_to_id"] = thread->messages.back().id;
  } else {
    LINNET_TRY(const auto account, read("/api/v1/accounts/" + net::percent_encode(order.target_id), stop));
    const auto* const object = account.if_object();
    if (object != nullptr && acting::text_in(*object, "id") == order.target_id)
      mention = acting::text_in(*object, "acct");
  }
  if (mention.empty()) return not_found("the server does not know whom the message goes to");
  body["status"] = fmt::format("@{} {}", mention, order.draft.text);
  return {};
}

std::optional<Outcome> ActingMastodon::look_before_writing(const Order& order, json::object& body,
                                                           const std::stop_token& stop) {
  const auto response =
      call({"GET", "/api/v1/statuses/" + net::percent_encode(order.target_id), nullptr, "", "", ""}, stop);
  auto outcome = outcome_of(response, "the post to answer or edit");
  if (outcome.kind == OutcomeKind::unknown) outcome.kind = OutcomeKind::not_sent;  // it was only read
  if (outcome.kind != OutcomeKind::done) return outcome;
  const auto status = json::parse(response->body).as_object();
  // An answer would show it to others or be a message itself, and an edit may add people to it: the rules for
  // messages were not asked.
  if (acting::text_in(status, "visibility") == "direct")
    return acting::refused(invalid("post_id: it is a direct message; use dm_send to its conversation"));
  if (order.type == ActionType::edit_post && order.draft.media.empty()) keep_media(status, body);
  return {};
}

Outcome ActingMastodon::publish(const Order& order, const std::stop_token& stop) {
  if (const auto seen = check_visibility(order.draft, order.type); !seen)
    return acting::refused(seen.error());
  auto body = body_of(order);
  if (order.type == ActionType::dm_send) {
    if (const auto addressed = address_message(order, body, stop); !addressed) {
      const auto& error = addressed.error();
      return error.kind == ErrorKind::not_found ? acting::refused(error) : acting::not_sent(error);
    }
  }
  const bool is_edit = order.type == ActionType::edit_post;
  if (is_edit || order.type == ActionType::comment || order.type == ActionType::reply) {
    if (auto failure = look_before_writing(order, body, stop)) return std::move(*failure);
  }
  if (!order.draft.media.empty()) {
    auto uploaded = upload(order.draft.media, stop);
    if (uploaded.failure) return std::move(*uploaded.failure);
    body["media_ids"] = std::move(uploaded.ids);
  }
  Call request;
  request.method = is_edit ? "PUT" : "POST";
  request.path = "/api/v1/statuses";
  if (is_edit) request.path += "/" + net::percent_encode(order.target_id);
  request.idempotency_key = order.idempotency_key;
  request.body = std::move(body);
  auto outcome = outcome_of(call(request, stop), "the post");
  if (outcome.kind == OutcomeKind::done && order.draft.scheduled_at) outcome.details["scheduled"] = true;
  return outcome;
}

Outcome ActingMastodon::remove(const Order& order, const std::stop_token& stop) {
  const auto response =
      call({"DELETE", "/api/v1/statuses/" + net::percent_encode(order.target_id), nullptr, "", "", ""}, stop);
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
