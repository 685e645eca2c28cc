// Edits. A server takes what an edit leaves out for taken away: warning, files, poll with its votes. So all
// that is there goes along.
#include <fmt/format.h>

#include <algorithm>

#include "connect/audience.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using acting::flag_in;
using acting::ids_of_files;
using acting::list_in;
using acting::poll_of;

// Mastodon's PollExpirationValidator: a poll that is open ends no sooner.
constexpr auto kShortestPoll = std::chrono::minutes(5);

// The poll as it is, until the moment at which it ends. Its votes stay with it as long as its options do.
Result<json::object> same_poll(const json::object& poll, Instant now) {
  const auto ends = parse_iso8601(text_or_number_in(poll, "expires_at"));
  json::object kept{{"multiple", flag_in(poll, "multiple")}};
  json::array titles;
  bool hides_totals = false;
  for (const auto& option : list_in(poll, "options")) {
    const auto* const one = option.if_object();
    if (one == nullptr) continue;
    titles.emplace_back(text_or_number_in(*one, "title"));
    const auto* const votes = one->if_contains("votes_count");
    hides_totals = hides_totals || (votes != nullptr && votes->is_null());
  }
  if (flag_in(poll, "expired") || !ends || *ends - now < kShortestPoll) {
    return invalid(
        "the post has a poll that has ended or is about to: an edit would open it again or take its votes "
        "away. "
        "Nothing was changed");
  }
  kept["options"] = std::move(titles);
  kept["hide_totals"] = hides_totals;
  kept["expires_in"] = std::chrono::ceil<std::chrono::seconds>(*ends - now).count();
  return kept;
}

Status refuse_what_stays(const Draft& draft, const json::object& status) {
  const auto visibility = text_or_number_in(status, "visibility");
  if (!draft.visibility.empty() && draft.visibility != visibility)
    return invalid(fmt::format("visibility: an edit leaves it as it is, {}", visibility));
  if (draft.quoted_id) return invalid("quoted_id: an edit cannot quote another post than before");
  return {};
}

// All that the post has once it is edited.
Result<json::object> whole_body(const Order& order, const json::object& status, Instant now) {
  const auto& draft = order.draft;
  LINNET_CHECK(refuse_what_stays(draft, status));
  const auto warning =
      draft.spoiler_text.empty() ? text_or_number_in(status, "spoiler_text") : draft.spoiler_text;
  json::object body{{"status", draft.text},
                    {"spoiler_text", warning},
                    {"sensitive", draft.sensitive || flag_in(status, "sensitive")}};
  const auto language = draft.language.empty() ? text_or_number_in(status, "language") : draft.language;
  if (!language.empty()) body["language"] = language;
  if (!draft.quote_policy.empty()) body["quote_approval_policy"] = draft.quote_policy;
  if (draft.media.empty()) {
    if (auto ids = ids_of_files(status); !ids.empty()) body["media_ids"] = std::move(ids);
  }
  if (draft.poll) body["poll"] = poll_of(*draft.poll);
  const auto* const poll = object_in(status, "poll");
  if (!draft.poll && poll != nullptr) {
    LINNET_TRY(body["poll"], same_poll(*poll, now));
  }
  return body;
}

}  // namespace

Outcome ActingMastodon::edit(const Order& order, const std::stop_token& stop) {
  if (const auto seen = check_visibility(order.draft, order.type); !seen) return refused(seen.error());
  auto standing = look_before_writing(order, stop);
  if (standing.failure) return std::move(*standing.failure);
  auto body = whole_body(order, standing.status, clock_.now());
  if (!body) return refused(body.error());
  if (auto failure = add_media(order.draft, *body, stop)) return std::move(*failure);
  const auto response = call({.method = "PUT",
                              .path = "/api/v1/statuses/" + net::percent_encode(order.target_id),
                              .body = std::move(*body),
                              .idempotency_key = order.idempotency_key,
                              .order = &order},
                             stop);
  auto outcome = outcome_of(response, "the edit");
  // Some refuse an edit that changes nothing: an earlier try did it.
  if (outcome.kind == OutcomeKind::refused && response && response->status == 422) {
    const auto evidence = look(order, order.target_id, stop);
    if (evidence && evidence->shown == Evidence::Shown::yes) outcome.kind = OutcomeKind::already_done;
    outcome.platform_id = order.target_id;
  }
  if (outcome.kind == OutcomeKind::done) outcome.details["kept"] = what_is_kept(order, standing.status);
  return outcome;
}

}  // namespace linnet::connect::mastodon
