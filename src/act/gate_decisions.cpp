// What people decide about attempts: approve, edit, reject, cancel, retry, confirm; and the emergency stop.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "act/gate.hpp"
#include "act/records.hpp"
#include "act/text_hasher.hpp"
#include "base/log.hpp"
#include "base/text_limits.hpp"
#include "govern/emergency_stop.hpp"
#include "store/sealing_key.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using govern::AuditEvent;
using govern::AuditOutcome;
using model::ActionStatus;

// How long whoever stops everything waits for the audit trail: others may be writing for long.
constexpr auto kPatience = std::chrono::milliseconds(500);

Status refuse_without_right(const Requester& who) {
  if (who.may_approve) return {};
  return Error::of(ErrorKind::denied, fmt::format("{} may not approve; an approver or admin can", who.name));
}

}  // namespace

Status Gate::settle(store::Connection& connection, Attempt& attempt, ActionStatus to, const Requester& who,
                    std::string_view what, std::string_view why) {
  const auto now = clock_.now();
  LINNET_CHECK(change_status(connection, attempt.id, attempt.status, to));
  attempt.status = to;
  attempt.completed_at = now;
  attempt.verify_at.reset();
  attempt.hold.clear();
  attempt.error = error_json(what, fmt::format("{} by {}{}{}", what, who.name, why.empty() ? "" : ": ", why));
  LINNET_CHECK(save_progress(connection, attempt));
  return note(connection, attempt, AuditEvent::action_complete, AuditOutcome::skipped, who.name,
              {{"what", what}, {"why", why}}, now);
}

namespace {

// Whoever has just asked for an action has its id at hand, not that of the request for approval.
Result<Approval> approval_of(store::Connection& connection, const std::string& id) {
  auto found = find_approval(connection, id);
  if (found || found.error().kind != ErrorKind::not_found) return found;
  LINNET_TRY(auto of_action, open_approval_of(connection, AttemptId(id)));
  if (of_action) return std::move(*of_action);
  const auto attempt = find_attempt(connection, id);
  if (!attempt) return found;
  return Error::of(ErrorKind::conflict, fmt::format("action {} waits for no approval: it is {}", id,
                                                    model::to_string(attempt->status)));
}

Status close_approval(store::Connection& connection, const AttemptId& id, const Requester& who, Instant now) {
  LINNET_TRY(auto approval, open_approval_of(connection, id));
  if (!approval) return {};
  approval->state = "cancelled";
  approval->decided_at = now;
  approval->decided_by = who.name;
  return decide_approval(connection, *approval);
}

}  // namespace

// The posts behind it in its thread cannot go out without it.
Status Gate::take_back(store::Connection& connection, Attempt& attempt, const Requester& who,
                       std::string_view what, std::string_view why) {
  LINNET_TRY(auto behind, thread_after(connection, attempt.id));
  LINNET_CHECK(settle(connection, attempt, ActionStatus::cancelled, who, what, why));
  for (auto& next : behind) {
    if (next.status != ActionStatus::pending) continue;
    LINNET_CHECK(close_approval(connection, next.id, who, clock_.now()));
    LINNET_CHECK(settle(connection, next, ActionStatus::cancelled, who, what, why));
  }
  return {};
}

Result<Attempt> Gate::decide_one(store::Connection& connection, Approval approval, Word word,
                                 const std::optional<std::string>& edited_text, const std::string& comment,
                                 const Requester& who) {
  const auto now = clock_.now();
  LINNET_CHECK(check_length("comment", comment, kLongestReason));
  if (edited_text) LINNET_CHECK(check_length("text", *edited_text, kLongestPost));
  LINNET_TRY(auto attempt, find_attempt(connection, approval.attempt.value()));
  if (approval.expires_at <= now && approval.state == "open")
    return Error::of(ErrorKind::conflict, "this request has expired; make it again");
  approval.decided_at = now;
  approval.decided_by = who.name;
  approval.comment = comment;
  approval.state = word == Word::reject ? "rejected" : (edited_text ? "edited" : "approved");
  LINNET_CHECK(decide_approval(connection, approval));
  if (word == Word::reject) {
    LINNET_CHECK(take_back(connection, attempt, who, "rejected", comment));
    return attempt;
  }
  LINNET_TRY(auto draft, input_to_draft(attempt.input, attempt.id, box_));
  LINNET_TRY(draft.media, load_media(connection, attempt.id.value()));
  if (edited_text) {
    LINNET_CHECK(store::refuse_old_key(connection, box_));
    draft.text = *edited_text;
    LINNET_TRY(attempt.input, draft_to_input(draft, attempt.type, attempt.id, box_));
    attempt.text_hash = text_hash_of(draft.text);
    LINNET_TRY(const auto hasher, TextHasher::open(connection, box_));
    hasher.apply(attempt);
    LINNET_CHECK(refuse_duplicate(connection, attempt));
  }
  attempt.approved_by = who.name;
  LINNET_TRY(const auto account, load_acting_account(connection, attempt.account));
  LINNET_TRY(const auto situation, gather(connection, account, attempt, {}, check_, now));
  const auto verdict = act::decide(judge(action_of(attempt, std::move(draft)), situation));
  if (verdict.decision == Decision::deny)
    return Error::of(ErrorKind::denied, fmt::format("{}: {}", verdict.rule, verdict.reason));
  attempt.hold = attempt.planned_at > now ? "time" : "";
  attempt.due_at = std::max(attempt.planned_at, now);
  attempt.error.clear();
  LINNET_CHECK(save_progress(connection, attempt));
  LINNET_CHECK(note(connection, attempt, AuditEvent::action_attempt, AuditOutcome::pending, who.name,
                    {{"what", approval.state}}, now));
  return attempt;
}

Result<Attempt> Gate::decide(const std::string& approval_id, Word word,
                             const std::optional<std::string>& edited_text, const std::string& comment,
                             const Requester& who) {
  LINNET_CHECK(refuse_without_right(who));
  Attempt attempt;
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto approval, approval_of(connection, approval_id));
    LINNET_TRY(attempt, decide_one(connection, approval, word, edited_text, comment, who));
    return {};
  }));
  if (notify_) notify_();
  return attempt;
}

Result<std::vector<Attempt>> Gate::decide_thread(const std::string& approval_id, Word word,
                                                 const std::string& comment, const Requester& who) {
  LINNET_CHECK(refuse_without_right(who));
  std::vector<Attempt> decided;
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    decided.clear();
    LINNET_TRY(const auto first, approval_of(connection, approval_id));
    LINNET_TRY(const auto rest, thread_after(connection, first.attempt));
    LINNET_TRY(auto attempt, decide_one(connection, first, word, {}, comment, who));
    decided.push_back(std::move(attempt));
    for (const auto& next : rest) {
      LINNET_TRY(const auto approval, open_approval_of(connection, next.id));
      if (!approval) continue;
      LINNET_TRY(auto follower, decide_one(connection, *approval, word, {}, comment, who));
      decided.push_back(std::move(follower));
    }
    return {};
  }));
  if (notify_) notify_();
  return decided;
}

Status Gate::cancel(const std::string& attempt_id, const Requester& who) {
  return writer_.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(auto attempt, find_attempt(connection, attempt_id));
    if (attempt.status != ActionStatus::pending) {
      return Error::of(ErrorKind::conflict,
                       fmt::format("the action is {}; only a pending one can be cancelled",
                                   model::to_string(attempt.status)));
    }
    LINNET_CHECK(close_approval(connection, attempt.id, who, clock_.now()));
    return take_back(connection, attempt, who, "cancelled");
  });
}

namespace {

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
      store::query_text(
          connection,
          "SELECT id FROM action_attempts WHERE account_id = $1 AND action_type = $2 AND COALESCE(text_hash, "
          "'') = $3 AND attempted_at > $4 AND id <> $5 AND (depends_on IS NULL) = (CAST($6 AS BIGINT) = 1) "
          "AND (target_id = $7 OR action_type = 'publish') AND status IN ('pending', 'in_progress', "
          "'unknown', 'success') AND superseded_at IS NULL ORDER BY attempted_at DESC LIMIT 1",
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

namespace {

// The posts behind it in its thread go along.
Status move_thread(store::Connection& connection, const Attempt& attempt, Instant due_at) {
  LINNET_TRY(const auto behind, thread_after(connection, attempt.id));
  for (const auto& next : behind) {
    LINNET_CHECK(
        store::run(connection,
                   "UPDATE action_attempts SET planned_at = $2, due_at = $2, late_reported = 0 WHERE id = "
                   "$1 AND status = 'pending'",
                   {std::string_view(next.id.value()), to_micros(due_at)}));
  }
  return {};
}

}  // namespace

Status Gate::reschedule(const std::string& attempt_id, Instant due_at, const Requester& who) {
  auto done = writer_.write([&](store::Connection& connection) -> Status {
    const auto now = clock_.now();
    LINNET_CHECK(refuse_past(due_at, now));
    LINNET_TRY(auto attempt, find_attempt(connection, attempt_id));
    if (attempt.status != ActionStatus::pending) {
      return Error::of(ErrorKind::conflict, fmt::format("the action is {}; only a pending one can be moved",
                                                        model::to_string(attempt.status)));
    }
    LINNET_CHECK(store::run(connection, "UPDATE action_attempts SET planned_at = $2 WHERE id = $1",
                            {std::string_view(attempt_id), to_micros(due_at)}));
    LINNET_CHECK(move_thread(connection, attempt, due_at));
    attempt.due_at = std::max(due_at, now);
    attempt.is_late_reported = false;
    if (attempt.hold != "approval") attempt.hold = "time";
    LINNET_CHECK(save_progress(connection, attempt));
    return note(connection, attempt, AuditEvent::action_attempt, AuditOutcome::pending, who.name,
                {{"what", "rescheduled"}, {"due_at", to_iso8601(due_at)}}, now);
  });
  if (notify_) notify_();
  return done;
}

Status Gate::stop_all(const Requester& who, const std::string& reason, bool cancel_queue) {
  const auto now = clock_.now();
  const auto raised = govern::raise_stop(database_, who.name, reason, now);
  if (notify_) notify_();
  // A disk that is full, for one: then it goes the way of everything else.
  if (!raised) {
    LINNET_CHECK(writer_.write([&](store::Connection& connection) {
      return govern::stop_everything(connection, who.name, reason, now);
    }));
    if (notify_) notify_();
  } else if (const auto noted = govern::note_stop(database_, writer_, now, kPatience); !noted) {
    log::warn("the stop stands, and is not in the audit trail yet: {}", noted.error().message);
  }
  return cancel_queue ? cancel_all(who) : Status();
}

Status Gate::cancel_all(const Requester& who) {
  AttemptQuery query;
  query.status = ActionStatus::pending;
  query.limit = INT64_MAX;
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(const auto pending, list_attempts(*reader, query));
  for (const auto& attempt : pending) {
    // One that was settled meanwhile needs no cancelling.
    if (const auto done = cancel(attempt.id.value(), who); !done && done.error().kind != ErrorKind::conflict)
      return done.error();
  }
  return {};
}

Status Gate::resume_all(const Requester& who) {
  LINNET_CHECK(govern::note_stop(database_, writer_, clock_.now()));
  LINNET_CHECK(writer_.write([&](store::Connection& connection) {
    return govern::resume_everything(connection, who.name, clock_.now());
  }));
  if (notify_) notify_();
  return {};
}

Status Gate::expire_approvals() {
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(const auto expired, expired_approvals(*reader, clock_.now()));
  Status all;  // one that fails does not keep the others open
  for (const auto& late : expired) {
    auto done = writer_.write([&](store::Connection& connection) -> Status {
      auto approval = late;
      approval.state = "expired";
      approval.decided_at = clock_.now();
      approval.decided_by = "linnet";
      LINNET_CHECK(decide_approval(connection, approval));
      LINNET_TRY(auto attempt, find_attempt(connection, approval.attempt.value()));
      return settle(connection, attempt, ActionStatus::skipped, {"linnet", true}, "expired");
    });
    if (!done && all) all = std::move(done);
  }
  return all;
}

}  // namespace linnet::act
