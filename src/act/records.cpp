#include "act/records.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "act/shown_actions.hpp"
#include "store/record/json.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using model::ActionType;

std::string_view engagement_name(bool liked, bool commented) {
  if (liked && commented) return "liked_and_commented";
  if (liked) return "liked";
  return commented ? "commented" : "not_engaged";
}

Status count_engagement(store::Connection& connection, const Attempt& attempt, InstanceId instance,
                        Instant now) {
  const auto has = [&](std::string_view types) {
    return store::query_integer(connection,
                                fmt::format(
                                    R"(SELECT COUNT(*) FROM action_attempts a
                                       JOIN accounts o ON o.id = a.account_id
                                       WHERE o.instance_id = $1 AND a.target_type = 'post'
                                         AND a.target_id = $2 AND a.status = 'success'
                                         AND a.superseded_at IS NULL AND a.action_type IN ({}))",
                                    types),
                                {instance.value(), std::string_view(attempt.target_id)});
  };
  LINNET_TRY(const auto likes, has("'like'"));
  LINNET_TRY(const auto comments, has("'comment', 'reply'"));
  const auto status = engagement_name(likes.value_or(0) > 0, comments.value_or(0) > 0);
  return store::run(connection,
                    R"(INSERT INTO post_engagements (instance_id, post_id, engagement_status, changed_at)
                       VALUES ($1, $2, $3, $4)
                       ON CONFLICT (instance_id, post_id) DO UPDATE SET engagement_status =
                         excluded.engagement_status, changed_at = excluded.changed_at)",
                    {instance.value(), std::string_view(attempt.target_id), status, to_micros(now)});
}

// The post that was answered, when the answer is deleted.
Result<std::string> answered_post(store::Connection& connection, const Attempt& attempt) {
  LINNET_TRY(const auto post, store::query_text(connection,
                                                R"(SELECT target_id FROM action_attempts
                                                   WHERE account_id = $1 AND result_id = $2
                                                     AND action_type IN ('comment', 'reply'))",
                                                {std::string_view(attempt.account.value()),
                                                 std::string_view(attempt.target_id)}));
  return post.value_or("");
}

Status supersede(store::Connection& connection, const Attempt& attempt, Instant now) {
  const bool deletes = attempt.type == ActionType::delete_comment || attempt.type == ActionType::delete_post;
  if (deletes) {
    return store::run(
        connection,
        R"(UPDATE action_attempts SET superseded_at = $3
           WHERE account_id = $1 AND result_id = $2 AND status = 'success' AND superseded_at IS NULL)",
        {std::string_view(attempt.account.value()), std::string_view(attempt.target_id), to_micros(now)});
  }
  const auto opposite = model::opposite(attempt.type);
  if (!opposite || !model::is_idempotent(attempt.type)) return {};
  return store::run(connection,
                    R"(UPDATE action_attempts SET superseded_at = $4
                       WHERE account_id = $1 AND target_id = $2 AND action_type = $3
                         AND status = 'success' AND superseded_at IS NULL)",
                    {std::string_view(attempt.account.value()), std::string_view(attempt.target_id),
                     model::to_string(*opposite), to_micros(now)});
}

Status follow_engagement(store::Connection& connection, const Attempt& attempt, InstanceId instance,
                         Instant now) {
  switch (attempt.type) {
    case ActionType::like:
    case ActionType::unlike:
    case ActionType::comment:
    case ActionType::reply:
      return count_engagement(connection, attempt, instance, now);
    case ActionType::delete_comment: {
      auto answered = attempt;
      LINNET_TRY(answered.target_id, answered_post(connection, attempt));
      return answered.target_id.empty() ? Status() : count_engagement(connection, answered, instance, now);
    }
    default:
      return {};
  }
}

}  // namespace

Status note(store::Connection& connection, const Attempt& attempt, govern::AuditEvent event,
            govern::AuditOutcome outcome, std::string_view actor, json::object details, Instant now) {
  govern::AuditEntry entry;
  entry.run_id = attempt.run_id;
  entry.step_id = govern::step_id(attempt.run_id, attempt.step);
  entry.event = event;
  entry.platform = attempt.platform;
  entry.account_id = attempt.account.value();
  entry.actor = actor;
  entry.target_type = model::to_string(attempt.target_type);
  entry.target_id = attempt.target_id;
  entry.outcome = outcome;
  entry.duration_ms = attempt.duration_ms;
  details["action"] = attempt.id.value();
  details["type"] = model::to_string(attempt.type);
  entry.details = std::move(details);
  return govern::append_audit(connection, std::move(entry), now);
}

std::string error_json(std::string_view code, std::string_view message) {
  return json::serialize(json::object{{"code", code}, {"message", message}});
}

Status tell_thread(store::Connection& connection, const Attempt& attempt, std::string_view why, Instant now) {
  constexpr std::string_view kCode = "thread";
  LINNET_TRY(auto rest, thread_after(connection, attempt.id));
  for (auto& part : rest) {
    if (part.status != model::ActionStatus::pending) continue;
    const auto error =
        why.empty()
            ? std::string()
            : error_json(kCode, fmt::format("whether the post before it is out is not known: {}", why));
    // Another reason of its own stays.
    const bool is_ours = part.error.empty() || part.error.starts_with(R"({"code":"thread")");
    if (!is_ours || part.error == error) continue;
    part.error = error;
    LINNET_CHECK(save_progress(connection, part));
    LINNET_CHECK(note(connection, part, govern::AuditEvent::error, govern::AuditOutcome::pending, "linnet",
                      {{"what", why.empty() ? "what came of the post before it is known"
                                            : "waits: what came of the post before it is not known"}},
                      now));
  }
  return {};
}

Status take_effect(store::Connection& connection, const Attempt& attempt, InstanceId instance, Instant now) {
  LINNET_CHECK(supersede(connection, attempt, now));
  LINNET_CHECK(store::run(connection, "UPDATE accounts SET last_used_at = $2 WHERE id = $1",
                          {std::string_view(attempt.account.value()), to_micros(now)}));
  return follow_engagement(connection, attempt, instance, now);
}

Status lose_effect(store::Connection& connection, const Attempt& attempt, InstanceId instance, Instant now) {
  LINNET_CHECK(store::run(
      connection, "UPDATE action_attempts SET superseded_at = $2 WHERE id = $1 AND superseded_at IS NULL",
      {std::string_view(attempt.id.value()), to_micros(now)}));
  return follow_engagement(connection, attempt, instance, now);
}

Status note_trouble(store::Connection& connection, const Attempt& attempt, const connect::Outcome& outcome,
                    Instant now) {
  const auto account = std::string_view(attempt.account.value());
  const auto tell = [&](std::string_view what) {
    return note(connection, attempt, govern::AuditEvent::policy_block, govern::AuditOutcome::pending,
                "linnet", {{"what", what}, {"code", to_string(outcome.error.kind)}}, now);
  };
  if (outcome.signed_out) {
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE accounts
                               SET credential_state = 'signed_out', credential_error = $2, updated_at = $3
                               WHERE id = $1)",
                            {account, std::string_view(outcome.error.safe), to_micros(now)}));
    return tell("account signed out");
  }
  if (!outcome.restricted) return {};
  return pause_restricted(connection, attempt.account, attempt.platform, outcome.error.safe, now);
}

Status pause_restricted(store::Connection& connection, const connect::AccountId& account,
                        std::string_view platform, std::string_view said, Instant now) {
  LINNET_CHECK(store::run(connection,
                          R"(UPDATE accounts
                             SET risk = 'black', needs_human = 1, pause_reason = $2, paused_until = $3,
                               rate_percent = 10, updated_at = $4
                             WHERE id = $1 AND needs_human = 0)",
                          {std::string_view(account.value()), said,
                           to_micros(now + std::chrono::hours(24 * 14)), to_micros(now)}));
  if (connection.changes() == 0) return {};
  govern::AuditEntry entry;
  entry.event = govern::AuditEvent::policy_block;
  entry.platform = platform;
  entry.account_id = account.value();
  entry.actor = "linnet";
  entry.outcome = govern::AuditOutcome::pending;
  entry.details = {{"what", "account paused"}, {"why", "the platform restricts it"}};
  return govern::append_audit(connection, std::move(entry), now);
}

Status put_off_due(store::Connection& connection, const connect::AccountId& account, const Error& why,
                   Instant now, Instant until) {
  constexpr std::string_view kDue =
      "account_id = $1 AND status = 'pending' AND hold IN ('', 'time') AND due_at < $2";
  const auto error = error_json(to_string(why.kind), why.safe);
  std::vector<std::string> told;
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format("SELECT id FROM action_attempts WHERE {} AND COALESCE(error, '') <> $3 ORDER BY due_at, id",
                  kDue),
      {std::string_view(account.value()), to_micros(until), std::string_view(error)},
      [&](const store::Statement& row) { told.emplace_back(row.text(0)); }));
  for (const auto& id : told) {
    LINNET_TRY(const auto attempt, find_attempt(connection, id));
    LINNET_CHECK(note(connection, attempt, govern::AuditEvent::error, govern::AuditOutcome::pending, "linnet",
                      {{"what", "put off: no connection to the platform"}, {"code", to_string(why.kind)}},
                      now));
  }
  return store::run(
      connection,
      fmt::format("UPDATE action_attempts SET hold = 'time', due_at = $2, error = $3 WHERE {}", kDue),
      {std::string_view(account.value()), to_micros(until), std::string_view(error)});
}

Status pause_after_failures(store::Connection& connection, const Attempt& attempt, Instant now) {
  constexpr std::int64_t kFewest = 5;
  const auto account = std::string_view(attempt.account.value());
  const auto settled = [&](std::string_view statuses) {
    return store::query_integer(connection,
                                fmt::format(
                                    R"(SELECT COUNT(*) FROM action_attempts
                                       WHERE account_id = $1 AND last_sent_at > $2 AND status IN ({}))",
                                    statuses),
                                {account, to_micros(now - std::chrono::hours(1))});
  };
  LINNET_TRY(const auto failed, settled("'failed'"));
  LINNET_TRY(const auto all, settled("'failed', 'success'"));
  if (failed.value_or(0) < kFewest || failed.value_or(0) * 10 <= all.value_or(0)) return {};
  const auto why = fmt::format("{} of {} actions failed within an hour", failed.value_or(0), all.value_or(0));
  LINNET_CHECK(
      store::run(connection,
                 R"(UPDATE accounts
                    SET paused_until = $2, pause_reason = $3, rate_percent = CASE WHEN rate_percent > 75
                      THEN 75 ELSE rate_percent END, updated_at = $4
                    WHERE id = $1 AND COALESCE(paused_until, 0) < $4)",
                 {account, to_micros(now + std::chrono::hours(2)), std::string_view(why), to_micros(now)}));
  if (connection.changes() == 0) return {};
  return note(connection, attempt, govern::AuditEvent::policy_block, govern::AuditOutcome::pending, "linnet",
              {{"what", "account paused"}, {"reason", why}}, now);
}

json::object to_json(const Verdict& verdict) {
  return record::to_json(verdict);
}

}  // namespace linnet::act
