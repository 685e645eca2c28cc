// What people decide about attempts that ended, or of which nobody knows whether they did: retry, confirm.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "act/gate.hpp"
#include "act/records.hpp"

namespace linnet::act {
namespace {

using govern::AuditEvent;
using govern::AuditOutcome;
using model::ActionStatus;

// Files are kept for a week only: a post must not go again without its pictures.
Status refuse_lost_media(const Attempt& attempt, std::size_t loaded) {
  const auto* const media = attempt.input.if_contains("media");
  const auto had = media != nullptr && media->is_array() ? media->as_array().size() : 0;
  if (had == loaded) return {};
  return Error::of(ErrorKind::conflict,
                   "the files of this action are no longer kept (7 days); ask for it anew, with its files");
}

// The same asked for again since, by a retry or otherwise: a second one would double it.
Status refuse_second_retry(store::Connection& connection, const Attempt& attempt) {
  LINNET_TRY(
      const auto since,
      store::query_text(connection,
                        R"(SELECT id FROM action_attempts
                           WHERE account_id = $1 AND action_type = $2 AND COALESCE(text_hash, '') = $3
                             AND attempted_at > $4 AND id <> $5 AND (depends_on IS NULL) = (CAST($6 AS
                             BIGINT) = 1) AND (target_id = $7 OR action_type = 'publish')
                             AND status IN ('pending', 'in_progress', 'unknown', 'success')
                             AND superseded_at IS NULL ORDER BY attempted_at DESC LIMIT 1)",
                        {std::string_view(attempt.account.value()), model::to_string(attempt.type),
                         std::string_view(attempt.text_hash), to_micros(attempt.attempted_at),
                         std::string_view(attempt.id.value()), std::int64_t{attempt.depends_on.empty()},
                         std::string_view(attempt.target_id)}));
  if (!since) return {};
  return Error::of(ErrorKind::conflict, fmt::format("it was asked for again already: action {}", *since));
}

// A post of a thread can go again once the one before it is out.
Status answer_post_before(store::Connection& connection, const Attempt& attempt, NewAction& action) {
  if (attempt.depends_on.empty()) return {};
  LINNET_TRY(const auto before, find_attempt(connection, attempt.depends_on));
  if (before.status != ActionStatus::success) {
    return Error::of(
        ErrorKind::conflict,
        fmt::format("the post before it in the thread is not out; retry that one, {}, and the rest of the "
                    "thread goes with it",
                    before.id.value()));
  }
  if (before.result_id.empty()) {
    return Error::of(ErrorKind::conflict,
                     fmt::format("the post before it in the thread is out, but not where: say so with linnet "
                                 "action happened {} --at ID",
                                 before.id.value()));
  }
  action.target_id = before.result_id;
  return {};
}

}  // namespace

// The text of the attempt, with what follows it in its thread.
Result<std::vector<connect::Draft>> Gate::drafts_from(store::Connection& connection,
                                                      const Attempt& attempt) const {
  std::vector<connect::Draft> drafts;
  if (!model::has_text(attempt.type)) return drafts;
  LINNET_TRY(auto rest, thread_after(connection, attempt.id));
  rest.insert(rest.begin(), attempt);
  for (const auto& part : rest) {
    if (!model::is_final(part.status)) break;
    LINNET_TRY(auto draft, draft_of(part));
    LINNET_TRY(draft.media, load_media(connection, part.id.value()));
    LINNET_CHECK(refuse_lost_media(part, draft.media.size()));
    LINNET_CHECK(media_.find_places(connection, part.id.value(), draft.media));
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

Result<Requested> Gate::retry(const std::string& attempt_id, const Requester& who, bool by_hand) {
  NewAction action;
  {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_TRY(const auto attempt, find_attempt(*reader, attempt_id));
    if (attempt.status != ActionStatus::failed && attempt.status != ActionStatus::skipped &&
        attempt.status != ActionStatus::cancelled) {
      return Error::of(
          ErrorKind::conflict,
          fmt::format("the action is {}; only one that failed, was skipped or cancelled can be retried",
                      model::to_string(attempt.status)));
    }
    action.type = attempt.type;
    action.account = attempt.account;
    action.target_type = attempt.target_type;
    action.target_id = attempt.target_id;
    action.target_name = attempt.target_name;
    action.target_user_id = attempt.target_user_id;
    action.by_hand = by_hand;
    action.run_id = attempt.run_id;
    if (attempt.expires_at && *attempt.expires_at > clock_.now()) action.expires_at = attempt.expires_at;
    LINNET_CHECK(refuse_second_retry(*reader, attempt));
    // What was planned for later stays planned for then.
    if (attempt.planned_at > clock_.now()) action.due_at = attempt.planned_at;
    LINNET_CHECK(answer_post_before(*reader, attempt, action));
    LINNET_TRY(action.drafts, drafts_from(*reader, attempt));
    // A person had approved this very text.
    action.approve = !attempt.approved_by.empty();
  }
  return request(action, who, false);
}

namespace {

Status check_place(const Attempt& attempt, bool took_effect, const std::string& place) {
  if (place.empty()) return {};
  if (!took_effect) return invalid("result_id: what did not take effect is nowhere; leave it out");
  if (!model::has_text(attempt.type) || attempt.type == model::ActionType::edit_post)
    return invalid("result_id: expected only with a post, a comment, a reply or a message");
  const bool is_plain = std::all_of(place.begin(), place.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (place.size() > 500 || !is_plain || place.starts_with("http"))
    return invalid("result_id: expected the platform's own id of what was made, one word");
  return {};
}

// A person's word settles what nobody could tell: an outcome that is unknown, a success that a look did not
// show. Where it is may be said of any success that has no place yet.
Status refuse_needless_word(const Attempt& attempt, bool took_effect, const std::string& place) {
  const bool is_success = attempt.status == ActionStatus::success;
  if (attempt.status == ActionStatus::unknown) return {};
  if (is_success && attempt.is_verified == false) return {};
  if (is_success && took_effect && !place.empty() && attempt.result_id.empty()) return {};
  const auto state = is_success && attempt.is_verified ? std::string("done, and seen on the platform")
                     : is_success                      ? std::string("done")
                                                       : std::string(model::to_string(attempt.status));
  return Error::of(ErrorKind::conflict,
                   fmt::format("the action is {}: only one whose outcome is unknown, or that a look did not "
                               "show, waits for a person's word",
                               state));
}

// Where it is that a person saw: as they say, else it is looked for once more. The posts behind it in its
// thread answer it.
void place_it(Attempt& attempt, const std::string& place, Instant now) {
  if (!place.empty()) attempt.result_id = place;
  if (model::has_text(attempt.type)) {
    attempt.looks = 0;
    attempt.verify_at = now;
  }
}

}  // namespace

Status Gate::confirm(const std::string& attempt_id, bool took_effect, const Requester& who,
                     const std::string& place) {
  auto done = writer_.write([&](store::Connection& connection) -> Status {
    const auto now = clock_.now();
    LINNET_TRY(auto attempt, find_attempt(connection, attempt_id));
    LINNET_TRY(const auto account, load_acting_account(connection, attempt.account));
    LINNET_CHECK(check_place(attempt, took_effect, place));
    LINNET_CHECK(refuse_needless_word(attempt, took_effect, place));
    if (attempt.status == ActionStatus::unknown) {
      const auto to = took_effect ? ActionStatus::success : ActionStatus::failed;
      LINNET_CHECK(change_status(connection, attempt.id, attempt.status, to));
      attempt.status = to;
      attempt.completed_at = now;
      attempt.verify_at.reset();
      attempt.error.clear();
      if (took_effect) place_it(attempt, place, now);
      if (!took_effect) attempt.error = error_json("not_done", "a person looked: it did not take effect");
      LINNET_CHECK(save_progress(connection, attempt));
      if (took_effect) LINNET_CHECK(take_effect(connection, attempt, account.instance, now));
      LINNET_CHECK(tell_thread(connection, attempt, "", now));
    } else if (!took_effect) {
      attempt.verify_at.reset();
      LINNET_CHECK(save_progress(connection, attempt));
      LINNET_CHECK(lose_effect(connection, attempt, account.instance, now));
    } else if (!place.empty()) {
      attempt.result_id = place;
      LINNET_CHECK(save_progress(connection, attempt));
    }
    LINNET_CHECK(add_verification(
        connection,
        {"", attempt.id, took_effect, 1.0, model::VerificationMethod::manual, {{"by", who.name}}, now, 0}));
    return note(connection, attempt, AuditEvent::verification,
                took_effect ? AuditOutcome::success : AuditOutcome::failure, who.name, {{"method", "manual"}},
                now);
  });
  if (notify_) notify_();
  return done;
}

}  // namespace linnet::act
