#include "govern/pending_actions.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <vector>

#include "govern/audit.hpp"
#include "govern/reached_names.hpp"

namespace linnet::govern {
namespace {

struct Pending {
  std::string id;
  std::string type;
  std::int64_t step = 0;
  AuditEntry audit;
};

// $1 the instance, $2 the id there, $3 the names it is known by: by whom it reaches, where that is known,
// else by whose the post is.
constexpr std::string_view kPendingFor =
    R"(account_id IN (SELECT id FROM accounts WHERE instance_id = $1) AND (($2 <> ''
         AND (target_user_id = $2 OR (target_type = 'user' AND target_id = $2) OR (target_type = 'post'
         AND target_id IN (SELECT id FROM posts WHERE instance_id = $1 AND account_id = $2))
         OR (target_type = 'dm_thread' AND target_id IN (SELECT t.platform_thread_id FROM dm_threads t
         JOIN accounts a ON a.id = t.account_id WHERE a.instance_id = $1 AND t.participant_id = $2))))
         OR {}))";

Result<std::vector<Pending>> read_pending(store::Connection& connection, std::string_view condition,
                                          std::initializer_list<store::Value> values) {
  std::vector<Pending> all;
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format(
          R"(SELECT id, action_type, step, run_id, platform, account_id, target_type, target_id
             FROM action_attempts
             WHERE status = 'pending' AND {} ORDER BY due_at, id)",
          condition),
      values, [&](const store::Statement& row) {
        Pending one{std::string(row.text(0)), std::string(row.text(1)), row.integer(2), {}};
        one.audit.run_id = row.text(3);
        one.audit.step_id = step_id(one.audit.run_id, one.step);
        one.audit.platform = row.text(4);
        one.audit.account_id = row.text(5);
        one.audit.target_type = row.text(6);
        one.audit.target_id = row.text(7);
        all.push_back(std::move(one));
      }));
  return all;
}

Result<std::int64_t> cancel_all(store::Connection& connection, std::vector<Pending> all,
                                const Cancellation& why, Instant now) {
  const auto error =
      boost::json::serialize(boost::json::object{{"code", why.code}, {"message", why.message}});
  std::int64_t cancelled = 0;
  for (auto& one : all) {
    // One that was claimed meanwhile is on its way: its outcome is written down as it comes.
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE action_attempts
                               SET status = 'cancelled', completed_at = $2, error = $3
                               WHERE id = $1 AND status = 'pending')",
                            {std::string_view(one.id), to_micros(now), std::string_view(error)}));
    if (connection.changes() == 0) continue;
    ++cancelled;
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE approvals
                               SET state = 'cancelled', decided_at = $2, decided_by = 'linnet'
                               WHERE attempt_id = $1 AND state = 'open')",
                            {std::string_view(one.id), to_micros(now)}));
    one.audit.event = AuditEvent::action_complete;
    one.audit.outcome = AuditOutcome::skipped;
    one.audit.actor = why.actor;
    one.audit.details = {{"what", "cancelled"}, {"why", why.code}, {"action", one.id}, {"type", one.type}};
    LINNET_CHECK(append_audit(connection, std::move(one.audit), now));
  }
  return cancelled;
}

}  // namespace

Result<std::int64_t> cancel_pending(store::Connection& connection, const observe::PersonAccount& account,
                                    const Cancellation& why, Instant now) {
  LINNET_TRY(const auto names, reached_names(connection, account));
  const auto condition = fmt::format(kPendingFor, is_one_of(connection.engine(), "target_name", "$3"));
  LINNET_TRY(auto all,
             read_pending(connection, condition,
                          {account.instance.value(), std::string_view(account.id), std::string_view(names)}));
  return cancel_all(connection, std::move(all), why, now);
}

Status cancel_pending_action(store::Connection& connection, std::string_view attempt, const Cancellation& why,
                             Instant now) {
  LINNET_TRY(auto all, read_pending(connection, "id = $1", {attempt}));
  LINNET_TRY(const auto cancelled, cancel_all(connection, std::move(all), why, now));
  (void)cancelled;
  return {};
}

Result<std::int64_t> cancel_pending_of_account(store::Connection& connection, std::string_view account_id,
                                               const Cancellation& why, Instant now) {
  LINNET_TRY(auto all, read_pending(connection, "account_id = $1", {account_id}));
  return cancel_all(connection, std::move(all), why, now);
}

Status release_waiting(store::Connection& connection, std::string_view account_id, Waiting which,
                       Instant now) {
  // By the code of what held it up.
  const std::vector<std::string_view> codes =
      which == Waiting::for_the_account
          ? std::vector<std::string_view>{"circuit_breaker", "account_active", "denied", "not_found",
                                          "target"}
          : std::vector<std::string_view>{"quiet_hours", "warm_up", "rate_limit", "cool_down"};
  std::string held_up;
  for (const auto code : codes)
    held_up += fmt::format("{}error LIKE '{{\"code\":\"{}\"%'", held_up.empty() ? "" : " OR ", code);
  return store::run(connection,
                    fmt::format(
                        R"(UPDATE action_attempts
                           SET due_at = CASE WHEN planned_at > $2 THEN planned_at ELSE $2 END,
                             error = NULL
                           WHERE account_id = $1 AND status = 'pending' AND hold = 'time' AND due_at > $2
                             AND ({}))",
                        held_up),
                    {account_id, to_micros(now)});
}

}  // namespace linnet::govern
