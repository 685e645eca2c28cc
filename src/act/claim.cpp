#include "act/claim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "act/policy_rules.hpp"
#include "act/records.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using govern::AuditEvent;
using govern::AuditOutcome;
using model::ActionStatus;

// A post in a thread answers the one before it, once that is there.
enum class Before { ready, waiting, never, nowhere };
Result<Before> follow_thread(store::Connection& connection, Attempt& attempt) {
  if (attempt.depends_on.empty() || !attempt.target_id.starts_with("after ")) return Before::ready;
  LINNET_TRY(const auto before, find_attempt(connection, attempt.depends_on));
  if (before.status != ActionStatus::success)
    return model::is_final(before.status) ? Before::never : Before::waiting;
  if (before.result_id.empty()) return before.verify_at ? Before::waiting : Before::nowhere;
  attempt.target_id = before.result_id;
  return Before::ready;
}

Status put_off(store::Connection& connection, Attempt& attempt, const Verdict& decision, Instant now) {
  const auto error = error_json(decision.rule, decision.reason);
  // The same reason again is not worth a line in the audit trail each time.
  const bool is_news = error != attempt.error;
  attempt.hold = "time";
  attempt.due_at = decision.until.value_or(now + std::chrono::minutes(1));
  attempt.error = error;
  LINNET_CHECK(save_progress(connection, attempt));
  if (!is_news) return {};
  const auto event = decision.rule == "rate_limit" ? AuditEvent::rate_limit_hit : AuditEvent::policy_block;
  return note(connection, attempt, event, AuditOutcome::pending, "linnet", to_json(decision), now);
}

Status skip(store::Connection& connection, Attempt& attempt, const Verdict& decision, Instant now) {
  LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::pending, ActionStatus::skipped));
  attempt.completed_at = now;
  attempt.hold.clear();
  attempt.error = error_json(decision.rule, decision.reason);
  LINNET_CHECK(save_progress(connection, attempt));
  return note(connection, attempt, AuditEvent::policy_block, AuditOutcome::skipped, "linnet",
              to_json(decision), now);
}

Status ask_person(store::Connection& connection, Attempt& attempt, const ActingAccount& account,
                  const Verdict& decision, const std::vector<Verdict>& verdicts, Instant now) {
  attempt.hold = "approval";
  LINNET_CHECK(save_progress(connection, attempt));
  Approval approval;
  LINNET_TRY(approval.id, make_uuid_v4());
  approval.attempt = attempt.id;
  approval.reason = decision.reason;
  LINNET_TRY(const auto target, known_target(connection, account, attempt));
  LINNET_TRY(const auto context, approval_context(connection, account, attempt, target, verdicts));
  approval.context = json::serialize(context);
  approval.created_at = now;
  approval.expires_at = now + std::chrono::hours(account.view.settings.approval_hours);
  if (attempt.expires_at) approval.expires_at = std::min(approval.expires_at, *attempt.expires_at);
  LINNET_CHECK(insert_approval(connection, approval));
  return note(connection, attempt, AuditEvent::policy_block, AuditOutcome::pending, "linnet",
              to_json(decision), now);
}

// Whom it reaches, where only the platform knew: the rules for many people, and opt-outs, ask for it.
void remember_person(const connect::Target& target, Attempt& attempt) {
  if (attempt.target_user_id.empty()) attempt.target_user_id = target.author_id;
  if (attempt.target_name.empty()) attempt.target_name = target.author_name;
}

// A thread goes out whole or not at all: what the server does not take of its later posts is known before the
// first.
Result<Verdict> judge_rest_of_thread(Lane& lane, store::Connection& connection, const Attempt& head,
                                     const Situation& situation) {
  Verdict verdict{"", Decision::allow, "", {}};
  if (!head.depends_on.empty()) return verdict;
  LINNET_TRY(const auto rest, thread_after(connection, head.id));
  for (const auto& part : rest) {
    LINNET_TRY(auto draft, input_to_draft(part.input, part.id, lane.box));
    LINNET_TRY(draft.media, load_media(connection, part.id.value()));
    auto opinion = rules::channel_limits(action_of(part, std::move(draft)), situation);
    if (!opinion || opinion->decision == Decision::allow) continue;
    verdict = std::move(*opinion);
    verdict.rule = "channel_limits";
    verdict.reason = fmt::format("post {} of the thread: {}", part.step, verdict.reason);
    return verdict;
  }
  return verdict;
}

// The platform shows the effect before anything was sent: that is what was wanted.
Status find_done(store::Connection& connection, Attempt& attempt, const ActingAccount& account, Instant now) {
  LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::pending, ActionStatus::in_progress));
  LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::in_progress, ActionStatus::success));
  attempt.status = ActionStatus::success;
  attempt.hold.clear();
  succeed(attempt, "", "", {}, true, now);
  LINNET_CHECK(save_progress(connection, attempt));
  LINNET_CHECK(take_effect(connection, attempt, account.instance, now));
  return note(connection, attempt, AuditEvent::action_complete, AuditOutcome::success, "linnet",
              {{"what", "it was so already; nothing was sent"}, {"already_done", true}}, now);
}

// What the platform was asked holds for this very attempt, and its time has come: somebody may have moved,
// edited, erased it or taken it back while the platform was asked.
bool is_as_asked(const Attempt& attempt, const Attempt& asked, Instant now) {
  return attempt.status == ActionStatus::pending && attempt.hold != "approval" && attempt.due_at <= now &&
         attempt.retry_at.value_or(now) <= now && attempt.input == asked.input &&
         attempt.type == asked.type && attempt.target_type == asked.target_type &&
         attempt.target_id == asked.target_id && attempt.account == asked.account;
}

Status mark_sent(Lane& lane, store::Connection& connection, Attempt& attempt, bool has_files, Instant now) {
  LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::pending, ActionStatus::in_progress));
  attempt.status = ActionStatus::in_progress;
  attempt.hold.clear();
  attempt.error.clear();
  attempt.worker = lane.worker;
  attempt.sent_at = attempt.sent_at.value_or(now);
  attempt.last_sent_at = now;
  attempt.is_uploading = has_files;
  attempt.retry_at.reset();
  ++attempt.tries;
  LINNET_CHECK(save_progress(connection, attempt));
  return note(connection, attempt, AuditEvent::action_attempt, AuditOutcome::pending, "linnet",
              {{"what", "sent"}, {"try", attempt.tries}}, now);
}

// Nothing where it may be judged.
Result<std::optional<Verdict>> judge_place_in_thread(store::Connection& connection, Attempt& attempt,
                                                     Instant now) {
  LINNET_TRY(const auto before, follow_thread(connection, attempt));
  const auto opinion = [&](Decision decision, std::string reason, std::optional<Instant> until = {}) {
    return std::optional(Verdict{"thread", decision, std::move(reason), until});
  };
  switch (before) {
    case Before::ready:
      return std::optional<Verdict>();
    case Before::waiting:
      return opinion(Decision::defer, "the post before it is not out yet", now + std::chrono::seconds(1));
    case Before::never:
      return opinion(Decision::deny, "the post before it did not go out");
    case Before::nowhere:
      return opinion(Decision::deny,
                     "the post before it is out, but where it is nobody said; say so when you confirm it, "
                     "and retry this one");
  }
  return std::optional<Verdict>();
}

Result<bool> claim_within(Lane& lane, store::Connection& connection, Loaded& loaded, const Asked& asked) {
  const auto now = lane.clock.now();
  // The account's row is locked, so that two processes cannot both find room under its limits.
  LINNET_CHECK(store::run(connection, "UPDATE accounts SET last_used_at = last_used_at WHERE id = $1",
                          {std::string_view(loaded.account.id.value())}));
  LINNET_TRY(auto attempt, find_attempt(connection, loaded.attempt.id.value()));
  if (!is_as_asked(attempt, loaded.attempt, now)) return false;
  LINNET_TRY(loaded.account, load_acting_account(connection, attempt.account));
  LINNET_TRY(const auto place, judge_place_in_thread(connection, attempt, now));
  if (place) {
    LINNET_CHECK(place->decision == Decision::defer ? put_off(connection, attempt, *place, now)
                                                    : skip(connection, attempt, *place, now));
    return false;
  }
  const auto& platform = asked.platform;
  if (platform.target) remember_person(*platform.target, attempt);
  if (platform.limits && platform.capabilities) {
    LINNET_CHECK(note_limits(connection, loaded.account, *platform.limits, *platform.capabilities, now));
  }
  LINNET_TRY(const auto situation, gather(connection, loaded.account, attempt, platform, lane.check, now));
  // Switched on since: it is asked first.
  if (situation.is_platform_on && !asked.is_platform_on) return false;
  const auto verdicts = judge(action_of(attempt, loaded.order.draft), situation);
  auto decision = act::decide(verdicts);
  if (decision.decision == Decision::allow) {
    LINNET_TRY(decision, judge_rest_of_thread(lane, connection, attempt, situation));
  }
  switch (decision.decision) {
    case Decision::deny:
      LINNET_CHECK(decision.rule == kAlreadyDone ? find_done(connection, attempt, loaded.account, now)
                                                 : skip(connection, attempt, decision, now));
      return false;
    case Decision::hold:
      LINNET_CHECK(ask_person(connection, attempt, loaded.account, decision, verdicts, now));
      return false;
    case Decision::defer:
      LINNET_CHECK(put_off(connection, attempt, decision, now));
      return false;
    case Decision::allow:
      break;
  }
  LINNET_CHECK(mark_sent(lane, connection, attempt, !loaded.order.draft.media.empty(), now));
  loaded.attempt = attempt;
  loaded.order = order_of(attempt, loaded.account, std::move(loaded.order.draft));
  return true;
}

}  // namespace

Result<bool> claim(Lane& lane, Loaded& loaded, const Asked& asked) {
  bool is_claimed = false;
  LINNET_CHECK(lane.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(is_claimed, claim_within(lane, connection, loaded, asked));
    return {};
  }));
  return is_claimed;
}

Status ask_rules_again(Lane& lane, const Loaded& loaded, const PlatformView& platform) {
  // A request that was begun waits for the answer, and the stop may be part of it.
  const store::ReadsWithoutWaiting behind_nobody_who_reads;
  LINNET_TRY(auto reader, lane.database.reader());
  LINNET_TRY(const auto now, find_attempt(*reader, loaded.attempt.id.value()));
  if (!is_same_try(now, loaded.attempt))
    return unavailable("it had to wait, and is in other hands by now: another process may send it");
  LINNET_TRY(const auto account, load_acting_account(*reader, loaded.attempt.account));
  LINNET_TRY(const auto situation,
             gather(*reader, account, loaded.attempt, platform, lane.check, lane.clock.now()));
  const auto decision = act::decide(judge(action_of(loaded.attempt, loaded.order.draft), situation));
  if (decision.decision == Decision::allow) return {};
  return Error::of(ErrorKind::unavailable,
                   fmt::format("it had to wait, and is no longer allowed: {}", decision.reason));
}

}  // namespace linnet::act
