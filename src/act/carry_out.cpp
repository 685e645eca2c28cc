#include "act/carry_out.hpp"

#include <boost/json.hpp>
#include <thread>

#include "act/claim.hpp"
#include "act/records.hpp"
#include "act/upload_files.hpp"
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

PlatformView ask_platform(Lane& lane, const connect::Order& order, const std::stop_token& stop) {
  PlatformView view;
  // What it takes says as well what it can do.
  if (model::has_text(order.type)) {
    auto limits = lane.connector->limits(stop);
    if (limits) {
      view.limits = std::move(limits).value();
    } else {
      view.limits_error = limits.error();
    }
  }
  view.capabilities = lane.connector->capabilities();
  auto target = lane.connector->target(order, stop);
  if (target) {
    view.target = std::move(target).value();
  } else {
    view.target_error = target.error();
  }
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

// Whatever the connector made of the answer: what has no place has not been seen to be there.
Outcome without_empty_success(Outcome outcome, model::ActionType type) {
  if (outcome.kind != OutcomeKind::done || !model::has_text(type) || !outcome.platform_id.empty())
    return outcome;
  outcome.kind = OutcomeKind::unknown;
  outcome.error = unavailable("the platform's answer does not say what was made");
  return outcome;
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
      attempt.retry_at = outcome.retry_at;
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

// False where somebody else has settled it meanwhile.
Result<bool> record(Lane& lane, const Loaded& loaded, const Outcome& outcome, Duration took) {
  bool is_written = false;
  LINNET_CHECK(lane.writer.write([&](store::Connection& connection) -> Status {
    is_written = false;
    const auto now = lane.clock.now();
    auto attempt = loaded.attempt;
    attempt.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    attempt.last_ended_at = now;
    auto ending = end_of(attempt, outcome, lane.options, now);
    // Whoever took this worker for dead has settled it, or will, or tries again already. What took effect is
    // written down all the same.
    LINNET_TRY(const bool is_ours, hold_try(connection, attempt));
    if (!is_ours && ending.to != ActionStatus::success) {
      log::warn("action {}: its outcome came too late: it is in other hands", attempt.id.value());
      return {};
    }
    const auto changed = change_status(connection, attempt.id, ActionStatus::in_progress, ending.to);
    if (!changed) {
      if (changed.error().kind != ErrorKind::conflict) return changed.error();
      log::warn("action {}: its outcome came too late: {}", attempt.id.value(), changed.error().safe);
      return {};
    }
    is_written = true;
    LINNET_CHECK(save_progress(connection, attempt));
    if (ending.to == ActionStatus::unknown)
      LINNET_CHECK(tell_thread(connection, attempt, outcome.error.safe, now));
    if (ending.to == ActionStatus::success)
      LINNET_CHECK(take_effect(connection, attempt, loaded.account.instance, now));
    LINNET_CHECK(note_trouble(connection, attempt, outcome, now));
    if (ending.to == ActionStatus::failed) LINNET_CHECK(pause_after_failures(connection, attempt, now));
    return note(connection, attempt, ending.event, ending.outcome, "linnet", std::move(ending.details), now);
  }));
  return is_written;
}

// What cannot be written down of it ends as a try that was not sent: nothing has taken effect.
Outcome send(Lane& lane, Loaded& loaded, const std::stop_token& stop) {
  auto uploaded = upload_files(lane, loaded, stop);
  if (!uploaded) {
    Outcome outcome;
    outcome.kind = OutcomeKind::not_sent;
    outcome.error = uploaded.error();
    return outcome;
  }
  auto outcome = uploaded->failure ? std::move(*uploaded->failure)
                                   : without_empty_success(lane.connector->perform(loaded.order, stop),
                                                           loaded.attempt.type);
  const auto forgotten = forget_refused_uploads(lane, loaded, *uploaded, outcome);
  // It may be that alone: with files that are uploaded anew it is asked once more.
  if (forgotten && *forgotten) outcome.kind = OutcomeKind::not_sent;
  return outcome;
}

}  // namespace

Result<bool> carry_out(Lane& lane, const AttemptId& id, const std::stop_token& stop) {
  LINNET_TRY(auto loaded, load(lane, id));
  // A reply in a thread has no target to look at before the post above it is out; whom its text reaches it
  // has.
  if (loaded.order.target_id.starts_with("after ")) loaded.order.target_type = model::TargetType::account;
  Asked asked;
  // A platform that is switched off is not asked either; the rules say so.
  LINNET_TRY(asked.is_platform_on, is_platform_on(lane, loaded.account));
  // Of a restriction that may have ended since, the platform is to speak itself.
  lane.connector->forget_restriction();
  if (asked.is_platform_on) asked.platform = ask_platform(lane, loaded.order, stop);
  if (stop.stop_requested()) return false;
  if (asks_for_a_look_at_credentials(asked.platform))
    LINNET_CHECK(check_credentials(lane, loaded.attempt.account, stop));
  LINNET_CHECK(heed_restriction(lane, loaded.attempt));
  if (stop.stop_requested()) return false;
  LINNET_TRY(const bool is_claimed, claim(lane, loaded, asked));
  if (!is_claimed) return false;
  // The time of day may be set while it waits: an old judgement must not look new.
  using Steady = std::chrono::steady_clock;
  const auto begun = Steady::now();
  loaded.order.still_wanted = [&]() -> Status {
    if (Steady::now() - begun < lane.options.judgement_holds) return {};
    return ask_rules_again(lane, loaded, asked.platform);
  };
  const auto outcome = send(lane, loaded, stop);
  const auto took = std::chrono::duration_cast<Duration>(Steady::now() - begun);
  lane.ends.ended(id);
  // The outcome must not be lost over a database that is busy for a moment. What cannot be written down in
  // the end is looked up (adopt_own).
  auto recorded = record(lane, loaded, outcome, took);
  for (int again = 0; !recorded && again < 5 && !stop.stop_requested(); ++again) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100) * (1 << again));
    recorded = record(lane, loaded, outcome, took);
  }
  LINNET_TRY(const bool is_written, std::move(recorded));
  if (is_written && outcome.kind != OutcomeKind::unknown) lane.ends.forget(id);
  return true;
}

}  // namespace linnet::act
