#include "act/carry_out.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <thread>

#include "act/policy_rules.hpp"
#include "act/records.hpp"
#include "base/log.hpp"
#include "govern/platforms.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using connect::Outcome;
using connect::OutcomeKind;
using govern::AuditEvent;
using govern::AuditOutcome;
using model::ActionStatus;

connect::Order order_of(const Attempt& attempt, const ActingAccount& account, connect::Draft draft) {
  connect::Order order;
  order.type = attempt.type;
  order.idempotency_key = attempt.id.value();
  order.target_type = attempt.target_type;
  order.target_id = attempt.type == model::ActionType::publish ? account.platform_user_id : attempt.target_id;
  order.target_name = attempt.target_name;
  order.draft = std::move(draft);
  order.first_tried_at = attempt.sent_at.value_or(attempt.attempted_at);
  return order;
}

struct Loaded {
  Attempt attempt;
  ActingAccount account;
  connect::Order order;
};

Result<Loaded> load(Lane& lane, const AttemptId& id) {
  LINNET_TRY(auto reader, lane.database.reader());
  Loaded loaded;
  LINNET_TRY(loaded.attempt, find_attempt(*reader, id.value()));
  LINNET_TRY(loaded.account, load_acting_account(*reader, loaded.attempt.account));
  LINNET_TRY(auto draft, input_to_draft(loaded.attempt.input, id, lane.box));
  LINNET_TRY(draft.media, load_media(*reader, id.value()));
  loaded.order = order_of(loaded.attempt, loaded.account, std::move(draft));
  return loaded;
}

// A post in a thread answers the one before it, once that is there.
enum class Before { ready, waiting, never };
Result<Before> follow_thread(store::Connection& connection, Attempt& attempt) {
  if (attempt.depends_on.empty() || !attempt.target_id.starts_with("after ")) return Before::ready;
  LINNET_TRY(const auto before, find_attempt(connection, attempt.depends_on));
  if (before.status == ActionStatus::success) {
    attempt.target_id = before.result_id;
    return Before::ready;
  }
  return model::is_final(before.status) ? Before::never : Before::waiting;
}

PlatformView ask_platform(Lane& lane, const connect::Order& order, const std::stop_token& stop) {
  PlatformView view;
  view.capabilities = lane.connector->capabilities();
  if (model::has_text(order.type)) {
    auto limits = lane.connector->limits(stop);
    if (limits) view.limits = std::move(limits).value();
    if (!limits) view.limits_error = limits.error();
  }
  auto target = lane.connector->target(order, stop);
  if (target) view.target = std::move(target).value();
  if (!target) view.target_error = target.error();
  return view;
}

// A restriction shows first where something is only read.
Status heed_restriction(Lane& lane, const Attempt& attempt) {
  const auto said = lane.connector->restriction();
  if (said.empty()) return {};
  return lane.writer.write([&](store::Connection& connection) {
    return pause_restricted(connection, attempt.account, attempt.platform, said, lane.clock.now());
  });
}

// Whether the platform's refusal may be that of the account itself.
bool asks_for_a_look_at_credentials(const PlatformView& view) {
  const auto refuses = [](const std::optional<Error>& error) {
    return error && error->kind == ErrorKind::denied;
  };
  return refuses(view.target_error) || refuses(view.limits_error);
}

Result<bool> is_platform_on(Lane& lane, const ActingAccount& account) {
  LINNET_TRY(auto reader, lane.database.reader());
  return govern::is_platform_on(*reader, account.view.platform);
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

void succeed(Attempt& attempt, std::string platform_id, const std::string& url, json::object details,
             bool was_done_already, Instant now) {
  details["url"] = url;
  details["platformId"] = platform_id;
  details["alreadyDone"] = was_done_already;
  attempt.result = json::serialize(details);
  attempt.result_id = std::move(platform_id);
  attempt.error.clear();
  attempt.completed_at = now;
  attempt.looks = 0;
  attempt.verify_at = now;  // read back at once
  if (model::only_reads(attempt.type)) attempt.verify_at.reset();
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

// In one transaction: judged on what is so now, and claimed, so that no other process sends it too.
Status claim(Lane& lane, Loaded& loaded, const PlatformView& platform, bool& is_claimed) {
  return lane.writer.write([&](store::Connection& connection) -> Status {
    is_claimed = false;
    const auto now = lane.clock.now();
    // The account's row is locked, so that two processes cannot both find room under its limits.
    LINNET_CHECK(store::run(connection, "UPDATE accounts SET last_used_at = last_used_at WHERE id = $1",
                            {std::string_view(loaded.account.id.value())}));
    LINNET_TRY(auto attempt, find_attempt(connection, loaded.attempt.id.value()));
    if (attempt.status != ActionStatus::pending || attempt.hold == "approval") return {};
    LINNET_TRY(loaded.account, load_acting_account(connection, attempt.account));
    LINNET_TRY(const auto before, follow_thread(connection, attempt));
    if (before == Before::waiting)
      return put_off(
          connection, attempt,
          {"thread", Decision::defer, "the post before it is not out yet", now + std::chrono::seconds(1)},
          now);
    if (before == Before::never)
      return skip(connection, attempt, {"thread", Decision::deny, "the post before it did not go out", {}},
                  now);
    if (attempt.input != loaded.attempt.input) {  // edited since it was loaded
      auto media = std::move(loaded.order.draft.media);
      LINNET_TRY(loaded.order.draft, input_to_draft(attempt.input, attempt.id, lane.box));
      loaded.order.draft.media = std::move(media);
    }
    if (platform.target) remember_person(*platform.target, attempt);
    if (platform.limits) LINNET_CHECK(note_limits(connection, loaded.account, *platform.limits, now));
    LINNET_TRY(const auto situation, gather(connection, loaded.account, attempt, platform, lane.check, now));
    const auto verdicts = judge(action_of(attempt, loaded.order.draft), situation);
    auto decision = act::decide(verdicts);
    if (decision.decision == Decision::allow) {
      LINNET_TRY(decision, judge_rest_of_thread(lane, connection, attempt, situation));
    }
    switch (decision.decision) {
      case Decision::deny:
        if (decision.rule == kAlreadyDone) return find_done(connection, attempt, loaded.account, now);
        return skip(connection, attempt, decision, now);
      case Decision::hold:
        return ask_person(connection, attempt, loaded.account, decision, verdicts, now);
      case Decision::defer:
        return put_off(connection, attempt, decision, now);
      case Decision::allow:
        break;
    }
    LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::pending, ActionStatus::in_progress));
    attempt.status = ActionStatus::in_progress;
    attempt.hold.clear();
    attempt.error.clear();
    attempt.worker = lane.worker;
    attempt.sent_at = attempt.sent_at.value_or(now);
    attempt.last_sent_at = now;
    ++attempt.tries;
    LINNET_CHECK(save_progress(connection, attempt));
    LINNET_CHECK(note(connection, attempt, AuditEvent::action_attempt, AuditOutcome::pending, "linnet",
                      {{"what", "sent"}, {"try", attempt.tries}}, now));
    loaded.attempt = attempt;
    loaded.order = order_of(attempt, loaded.account, std::move(loaded.order.draft));
    is_claimed = true;
    return {};
  });
}

Duration backoff(const DispatcherOptions& options, std::int64_t tries) {
  return options.first_backoff * (std::int64_t{1} << std::min<std::int64_t>(tries, 8));
}

// The outcome in the attempt; returns what goes into the audit trail.
struct Ending {
  ActionStatus to;
  AuditEvent event = AuditEvent::action_complete;
  AuditOutcome outcome = AuditOutcome::success;
  json::object details;
};
Ending end_of(Attempt& attempt, const Outcome& outcome, const DispatcherOptions& options, Instant now) {
  const json::object error{{"error", to_string(outcome.error.kind)}, {"message", outcome.error.safe}};
  switch (outcome.kind) {
    case OutcomeKind::done:
    case OutcomeKind::already_done:
      succeed(attempt, outcome.platform_id, outcome.url, outcome.details,
              outcome.kind == OutcomeKind::already_done, now);
      return {
          ActionStatus::success,
          AuditEvent::action_complete,
          AuditOutcome::success,
          {{"platform_id", attempt.result_id}, {"already_done", outcome.kind == OutcomeKind::already_done}}};
    case OutcomeKind::refused:
      attempt.completed_at = now;
      attempt.error = error_json(to_string(outcome.error.kind), outcome.error.safe);
      return {ActionStatus::failed, AuditEvent::action_complete, AuditOutcome::failure, error};
    case OutcomeKind::not_sent: {
      const bool is_limit = outcome.error.kind == ErrorKind::rate_limited;
      attempt.error = error_json(to_string(outcome.error.kind), outcome.error.safe);
      if (attempt.tries >= options.most_tries) {
        attempt.completed_at = now;
        return {ActionStatus::failed, AuditEvent::action_complete, AuditOutcome::failure, error};
      }
      attempt.hold = "time";
      attempt.due_at = std::max(outcome.retry_at.value_or(now), now + backoff(options, attempt.tries - 1));
      return {ActionStatus::pending, is_limit ? AuditEvent::rate_limit_hit : AuditEvent::error,
              AuditOutcome::pending, error};
    }
    case OutcomeKind::unknown:
      break;
  }
  attempt.error = error_json("unknown", outcome.error.safe);
  attempt.looks = 0;
  attempt.verify_at = now + options.first_backoff / 2;
  return {ActionStatus::unknown, AuditEvent::error, AuditOutcome::pending, error};
}

Status record(Lane& lane, const Loaded& loaded, const Outcome& outcome, Duration took) {
  return lane.writer.write([&](store::Connection& connection) -> Status {
    const auto now = lane.clock.now();
    auto attempt = loaded.attempt;
    attempt.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    auto ending = end_of(attempt, outcome, lane.options, now);
    // Whoever took this worker for dead has settled it, or will.
    const auto changed = change_status(connection, attempt.id, ActionStatus::in_progress, ending.to);
    if (!changed && changed.error().kind == ErrorKind::conflict) {
      log::warn("action {}: its outcome came too late: {}", attempt.id.value(), changed.error().safe);
      return {};
    }
    LINNET_CHECK(changed);
    LINNET_CHECK(save_progress(connection, attempt));
    if (ending.to == ActionStatus::success)
      LINNET_CHECK(take_effect(connection, attempt, loaded.account.instance, now));
    LINNET_CHECK(note_trouble(connection, attempt, outcome, now));
    if (ending.to == ActionStatus::failed) LINNET_CHECK(pause_after_failures(connection, attempt, now));
    return note(connection, attempt, ending.event, ending.outcome, "linnet", std::move(ending.details), now);
  });
}

bool recognises_repeats(const connect::ActingConnector& connector, model::ActionType type) {
  const auto can = connector.capabilities();
  return can.has_idempotency_key && !(can.messages_have_no_key && type == model::ActionType::dm_send);
}

}  // namespace

Result<bool> carry_out(Lane& lane, const AttemptId& id, const std::stop_token& stop) {
  LINNET_TRY(auto loaded, load(lane, id));
  // A reply in a thread has no target to look at before the post above it is out; whom its text reaches it
  // has.
  if (loaded.order.target_id.starts_with("after ")) loaded.order.target_type = model::TargetType::account;
  // A platform that is switched off is not asked either; the rules say so.
  LINNET_TRY(const bool is_on, is_platform_on(lane, loaded.account));
  const auto platform = is_on ? ask_platform(lane, loaded.order, stop) : PlatformView();
  if (stop.stop_requested()) return false;
  if (asks_for_a_look_at_credentials(platform))
    LINNET_CHECK(check_credentials(lane, loaded.attempt.account, stop));
  LINNET_CHECK(heed_restriction(lane, loaded.attempt));
  if (stop.stop_requested()) return false;
  bool is_claimed = false;
  LINNET_CHECK(claim(lane, loaded, platform, is_claimed));
  if (!is_claimed) return false;
  const auto begun = lane.clock.now();
  const auto outcome = lane.connector->perform(loaded.order, stop);
  const auto took = lane.clock.now() - begun;
  // The outcome must not be lost over a database that is busy for a moment. What cannot be written down in
  // the end is looked up (adopt_own).
  auto recorded = record(lane, loaded, outcome, took);
  for (int again = 0; !recorded && again < 5 && !stop.stop_requested(); ++again) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100) * (1 << again));
    recorded = record(lane, loaded, outcome, took);
  }
  LINNET_CHECK(std::move(recorded));
  return true;
}

Status look_up(Lane& lane, const AttemptId& id, const std::stop_token& stop) {
  LINNET_TRY(const auto loaded, load(lane, id));
  if (loaded.attempt.status != ActionStatus::unknown) return {};
  const auto begun = lane.clock.now();
  const auto looked = lane.connector->look(loaded.order, loaded.attempt.result_id, stop);
  if (stop.stop_requested()) return {};
  using Shown = connect::Evidence::Shown;
  const Shown shown = looked ? looked->shown : Shown::cannot_tell;
  return lane.writer.write([&](store::Connection& connection) -> Status {
    const auto now = lane.clock.now();
    // A person may have settled or erased it while the platform was asked.
    LINNET_TRY(auto attempt, find_attempt(connection, id.value()));
    if (attempt.status != ActionStatus::unknown || attempt.target_id != loaded.attempt.target_id) return {};
    ++attempt.looks;
    if (shown == Shown::yes) {
      LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::unknown, ActionStatus::success));
      succeed(attempt, looked->platform_id, looked->url, looked->details, false, now);
      LINNET_CHECK(save_progress(connection, attempt));
      LINNET_CHECK(take_effect(connection, attempt, loaded.account.instance, now));
      return note(connection, attempt, AuditEvent::action_complete, AuditOutcome::success, "linnet",
                  {{"what", "found on the platform"}, {"platform_id", attempt.result_id}}, now);
    }
    // What was cut off may still be on its way: it is not said to be absent before it must have arrived.
    const auto since_sent = now - attempt.last_sent_at.value_or(now);
    const bool may_believe =
        model::is_idempotent(attempt.type) ||
        since_sent > (recognises_repeats(*lane.connector, attempt.type) ? lane.options.on_its_way
                                                                        : lane.options.settle_time);
    if (shown == Shown::cannot_tell || !may_believe) {
      attempt.verify_at = now + backoff(lane.options, attempt.looks);
      return save_progress(connection, attempt);
    }
    const bool is_last = attempt.tries >= lane.options.most_tries;
    const auto to = is_last ? ActionStatus::failed : ActionStatus::pending;
    LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::unknown, to));
    attempt.verify_at.reset();
    attempt.hold = is_last ? "" : "time";
    attempt.due_at = now + backoff(lane.options, attempt.tries - 1);
    attempt.error = error_json("not_done", "it did not take effect on the platform");
    if (is_last) attempt.completed_at = now;
    LINNET_CHECK(save_progress(connection, attempt));
    return note(connection, attempt, is_last ? AuditEvent::action_complete : AuditEvent::error,
                is_last ? AuditOutcome::failure : AuditOutcome::pending, "linnet",
                {{"what", "not found on the platform"},
                 {"duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(now - begun).count()}},
                now);
  });
}

Status verify(Lane& lane, const AttemptId& id, const std::stop_token& stop) {
  LINNET_TRY(const auto loaded, load(lane, id));
  if (loaded.attempt.status != ActionStatus::success || !loaded.attempt.verify_at) return {};
  const auto begun = lane.clock.now();
  const auto looked = lane.connector->look(loaded.order, loaded.attempt.result_id, stop);
  if (stop.stop_requested()) return {};
  return lane.writer.write([&](store::Connection& connection) -> Status {
    const auto now = lane.clock.now();
    LINNET_TRY(auto attempt, find_attempt(connection, id.value()));
    if (attempt.status != ActionStatus::success || attempt.target_id != loaded.attempt.target_id) return {};
    ++attempt.looks;
    const bool is_first = attempt.looks == 1;
    attempt.verify_at = is_first ? std::optional(now + lane.options.second_look_after) : std::nullopt;
    // What cannot be told now is asked again, a few times; then it stays shown as not verified.
    using Shown = connect::Evidence::Shown;
    const bool cannot_tell = !looked || looked->shown == Shown::cannot_tell;
    if (cannot_tell && attempt.looks < 4) attempt.verify_at = now + backoff(lane.options, attempt.looks);
    LINNET_CHECK(save_progress(connection, attempt));
    // A first look may come before every server of the platform knows.
    // A text that differs may have been edited since: of texts only a person says that they are gone.
    const bool is_gone =
        looked && looked->shown == Shown::no && !is_first && model::is_idempotent(attempt.type);
    if (is_gone) LINNET_CHECK(lose_effect(connection, attempt, loaded.account.instance, now));
    Verification found;
    found.attempt = attempt.id;
    found.is_verified = looked && looked->shown == Shown::yes;
    found.confidence = looked ? looked->confidence : 0;
    found.method = looked ? looked->method : model::VerificationMethod::api_response;
    if (looked) found.details = looked->details;
    if (!looked) found.details["error"] = looked.error().safe;
    if (!is_first) found.details["look"] = attempt.looks;
    found.verified_at = now;
    found.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun).count();
    const auto outcome = found.is_verified ? AuditOutcome::success
                                           : (cannot_tell ? AuditOutcome::pending : AuditOutcome::failure);
    const json::object details{{"method", model::to_string(found.method)}, {"confidence", found.confidence}};
    LINNET_CHECK(add_verification(connection, std::move(found)));
    return note(connection, attempt, AuditEvent::verification, outcome, "linnet", details, now);
  });
}

}  // namespace linnet::act
