// What people decide about attempts: approve, edit, reject, cancel; and the emergency stop.
#include <fmt/format.h>

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

// The posts behind it in its thread go along.
Status move_thread(store::Connection& connection, const Attempt& attempt, Instant due_at) {
  LINNET_TRY(const auto behind, thread_after(connection, attempt.id));
  for (const auto& next : behind) {
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE action_attempts
                               SET planned_at = $2, due_at = $2, late_reported = 0
                               WHERE id = $1 AND status = 'pending')",
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
