// What the dispatcher does besides acting: orphans, credentials, lateness.
#include <fmt/format.h>

#include "act/carry_out.hpp"
#include "act/records.hpp"
#include "govern/emergency_stop.hpp"
#include "govern/pending_actions.hpp"
#include "store/lease.hpp"

namespace linnet::act {
namespace {

using govern::AuditEvent;
using govern::AuditOutcome;
using model::ActionStatus;

// Clocks of machines that work on one database differ by less.
constexpr auto kClocksDiffer = std::chrono::minutes(10);

Result<std::vector<std::string>> ids_of(store::Connection& connection, std::string_view sql,
                                        std::initializer_list<store::Value> values) {
  std::vector<std::string> ids;
  LINNET_CHECK(store::for_each_row(connection, sql, values,
                                   [&](const store::Statement& row) { ids.emplace_back(row.text(0)); }));
  return ids;
}

// Processes on one database may be on several machines, and judge each other's signs of life by its clock
// alone. An embedded database is on this one.
Result<Instant> clock_of_all(store::Connection& connection, Clock& clock) {
  if (connection.engine() == store::Engine::sqlite) return clock.now();
  return store::database_now(connection);
}

Status adopt(store::Connection& connection, RequestEnds& ends, std::string_view id, std::string_view why,
             Instant now) {
  LINNET_TRY(auto attempt, find_attempt(connection, id));
  ends.ended(attempt.id);
  LINNET_CHECK(change_status(connection, attempt.id, ActionStatus::in_progress, ActionStatus::unknown));
  attempt.looks = 0;
  attempt.verify_at = now;
  attempt.last_ended_at = now;  // at the latest
  constexpr std::string_view kWhy = "the platform's answer could not be written down";
  attempt.error = error_json("unknown", kWhy);
  LINNET_CHECK(save_progress(connection, attempt));
  LINNET_CHECK(tell_thread(connection, attempt, kWhy, now));
  return note(connection, attempt, AuditEvent::error, AuditOutcome::pending, "linnet", {{"what", why}}, now);
}

// In the hands of whoever ended. Where there are leases they tell, sooner than the tables, as they wait for
// nobody who writes, and without a clock that may be set. Of whom they tell nothing, the signs of life in the
// tables do: one from the future is one from before a clock was set right.
Result<std::vector<std::string>> orphans_of(store::Connection& connection, const store::Leases* leases,
                                            std::initializer_list<store::Value> own_and_limits) {
  std::vector<std::string> orphans;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT a.id, a.worker, CASE WHEN w.seen_at IS NULL OR w.seen_at < $2
                                        OR w.seen_at > $3 THEN 1 ELSE 0 END
                                      FROM action_attempts a LEFT JOIN workers w ON w.id = a.worker
                                      WHERE a.status = 'in_progress' AND a.worker <> $1)",
                                   own_and_limits, [&](const store::Statement& row) {
                                     const std::string worker(row.text(1));
                                     const bool is_gone = leases != nullptr && leases->is_gone(worker);
                                     const bool is_there = leases != nullptr && leases->is_there(worker);
                                     if (is_gone || (row.integer(2) == 1 && !is_there))
                                       orphans.emplace_back(row.text(0));
                                   }));
  return orphans;
}

std::string_view why_late(const Attempt& attempt, bool is_stopped) {
  if (is_stopped) return "everything is stopped";
  if (attempt.hold == "approval") return "nobody approved it in time";
  if (!attempt.depends_on.empty()) return "the post before it is not out yet";
  return "Linnet was not running, or is behind";
}

// What the server takes, so that it is known before anything is sent. That it does not say is no trouble: it
// is asked again then.
Status read_limits(Lane& lane, const connect::AccountId& account, const std::stop_token& stop) {
  const auto limits = lane.connector->limits(stop);
  if (!limits) return {};
  return lane.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto acting, load_acting_account(connection, account));
    return note_limits(connection, acting, *limits, lane.connector->capabilities(), lane.clock.now());
  });
}

// What Linnet itself noticed of an account, as a run of one step.
Status audit_account(store::Connection& connection, const connect::AccountId& account, AuditEvent event,
                     AuditOutcome outcome, std::string_view what, Instant now) {
  govern::AuditEntry entry;
  entry.event = event;
  entry.account_id = account.value();
  entry.actor = "linnet";
  entry.outcome = outcome;
  entry.details = {{"what", what}};
  return govern::append_audit(connection, std::move(entry), now);
}

// The account may have been given another name on its own server.
Status note_own_name(store::Connection& connection, const connect::AccountId& account,
                     const std::string& name, Instant now) {
  if (name.empty()) return {};
  LINNET_CHECK(store::run(connection, "UPDATE accounts SET username = $2 WHERE id = $1 AND username <> $2",
                          {std::string_view(account.value()), std::string_view(name)}));
  if (connection.changes() == 0) return {};
  return audit_account(connection, account, AuditEvent::action_complete, AuditOutcome::success,
                       "the account has another name", now);
}

}  // namespace

Status adopt_own(store::Writer& writer, Clock& clock, RequestEnds& ends, const std::string& worker,
                 const connect::AccountId& account) {
  return writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(
        const auto left,
        ids_of(
            connection,
            "SELECT id FROM action_attempts WHERE status = 'in_progress' AND worker = $1 AND account_id = $2",
            {std::string_view(worker), std::string_view(account.value())}));
    for (const auto& id : left)
      LINNET_CHECK(adopt(connection, ends, id, "its outcome was not written down", clock.now()));
    return {};
  });
}

Status settle_unreadable(store::Writer& writer, Clock& clock, const AttemptId& id) {
  return writer.write([&](store::Connection& connection) -> Status {
    const auto now = clock.now();
    LINNET_TRY(auto attempt, find_attempt(connection, id.value()));
    if (attempt.status == ActionStatus::pending) {
      LINNET_CHECK(change_status(connection, id, ActionStatus::pending, ActionStatus::skipped));
      attempt.completed_at = now;
      attempt.hold.clear();
    }
    attempt.verify_at.reset();
    attempt.error = error_json("corrupt", "what was kept of it is damaged or sealed with another key");
    LINNET_CHECK(save_progress(connection, attempt));
    return note(connection, attempt, AuditEvent::error, AuditOutcome::failure, "linnet",
                {{"what", "what was kept of the action cannot be read"}}, now);
  });
}

Status recover_pace(store::Writer& writer, Clock& clock) {
  const auto now = clock.now();
  return writer.write([&](store::Connection& connection) {
    return store::run(connection,
                      R"(UPDATE accounts
                         SET rate_percent = CASE WHEN rate_percent > 75 THEN 100 ELSE rate_percent + 25
                           END, updated_at = $1
                         WHERE rate_percent < 100 AND needs_human = 0 AND updated_at < $2)",
                      {to_micros(now), to_micros(now - std::chrono::hours(24))});
  });
}

Status adopt_orphans(store::Writer& writer, Clock& clock, RequestEnds& ends, const std::string& worker,
                     const DispatcherOptions& options) {
  return writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto now, clock_of_all(connection, clock));
    if (options.is_alone)
      LINNET_CHECK(store::run(connection, "DELETE FROM workers WHERE id <> $1", {std::string_view(worker)}));
    LINNET_CHECK(store::run(connection,
                            R"(INSERT INTO workers (id, seen_at) VALUES ($1, $2)
                               ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at)",
                            {std::string_view(worker), to_micros(now)}));
    LINNET_TRY(const auto orphans,
               orphans_of(connection, options.leases,
                          {std::string_view(worker), to_micros(now - options.worker_dead_after),
                           to_micros(now + kClocksDiffer)}));
    for (const auto& id : orphans)
      LINNET_CHECK(adopt(connection, ends, id, "taken over from a process that ended", clock.now()));
    return store::run(connection, "DELETE FROM workers WHERE seen_at < $1",
                      {to_micros(now - std::chrono::hours(1))});
  });
}

Status check_credentials(Lane& lane, const connect::AccountId& account, const std::stop_token& stop) {
  // Of a restriction that may have ended since, the platform is to speak itself.
  lane.connector->forget_restriction();
  const auto checked = lane.connector->check_credentials(stop);
  if (stop.stop_requested()) return {};
  if (checked) LINNET_CHECK(read_limits(lane, account, stop));
  const auto now = lane.clock.now();
  return lane.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto state,
               store::query_text(connection, "SELECT credential_state FROM accounts WHERE id = $1",
                                 {std::string_view(account.value())}));
    // Only the platform's own word signs an account out; a passing fault leaves it as it is.
    std::string next = checked ? "ok" : state.value_or("ok");
    if (!checked && checked.error().kind == ErrorKind::denied) next = "signed_out";
    if (!checked && checked.error().kind != ErrorKind::denied && next == "ok") next = "refresh_failed";
    const auto error = checked ? store::Value() : store::Value(std::string_view(checked.error().safe));
    LINNET_CHECK(
        store::run(connection,
                   R"(UPDATE accounts
                      SET credential_state = $2, credential_error = $3, credential_checked_at = $4
                      WHERE id = $1)",
                   {std::string_view(account.value()), std::string_view(next), error, to_micros(now)}));
    if (checked) LINNET_CHECK(note_own_name(connection, account, lane.connector->own_name(), now));
    if (const auto said = lane.connector->restriction(); !said.empty()) {
      LINNET_TRY(const auto platform,
                 store::query_text(connection, "SELECT platform FROM accounts WHERE id = $1",
                                   {std::string_view(account.value())}));
      LINNET_CHECK(pause_restricted(connection, account, platform.value_or(""), said, now));
    }
    if (next == "ok" && state.value_or("ok") != "ok")
      LINNET_CHECK(
          govern::release_waiting(connection, account.value(), govern::Waiting::for_the_account, now));
    if (state == next || next != "signed_out") return {};
    return audit_account(connection, account, AuditEvent::session_end, AuditOutcome::failure,
                         "the platform no longer takes the credentials", now);
  });
}

Status report_late(store::Writer& writer, Clock& clock, Duration late_after) {
  return writer.write([&](store::Connection& connection) -> Status {
    const auto now = clock.now();
    LINNET_TRY(const auto late, ids_of(connection,
                                       R"(SELECT id FROM action_attempts
                                          WHERE status = 'pending' AND late_reported = 0
                                            AND planned_at < $1 AND (hold <> 'approval'
                                            OR planned_at > attempted_at))",
                                       {to_micros(now - late_after)}));
    LINNET_TRY(const auto stopped, govern::stopped_since(connection));
    for (const auto& id : late) {
      LINNET_TRY(auto attempt, find_attempt(connection, id));
      attempt.is_late_reported = true;
      if (attempt.error.empty()) attempt.error = error_json("late", why_late(attempt, stopped.has_value()));
      LINNET_CHECK(save_progress(connection, attempt));
      LINNET_CHECK(note(connection, attempt, AuditEvent::error, AuditOutcome::pending, "linnet",
                        {{"what", "late"}, {"planned_at", to_iso8601(attempt.planned_at)}}, now));
    }
    return {};
  });
}

}  // namespace linnet::act
