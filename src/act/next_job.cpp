#include "act/next_job.hpp"

namespace linnet::act {
namespace {

constexpr std::string_view kWithWork =
    R"(SELECT account_id FROM action_attempts
       WHERE status = 'pending' AND due_at <= $1 UNION SELECT account_id FROM action_attempts
       WHERE status IN ('unknown', 'success') AND verify_at <= $1)";
constexpr std::string_view kUnknown =
    R"(SELECT id FROM action_attempts
       WHERE account_id = $1 AND status = 'unknown' AND verify_at <= $2 ORDER BY verify_at LIMIT 1)";
constexpr std::string_view kUnverified =
    R"(SELECT id FROM action_attempts
       WHERE account_id = $1 AND status = 'success' AND verify_at <= $2 ORDER BY verify_at LIMIT 1)";
// A post in a thread is due once it is known what came of the one before it, and where that is.
constexpr std::string_view kDue =
    R"(SELECT id FROM action_attempts
       WHERE account_id = $1 AND status = 'pending' AND hold IN ('', 'time') AND due_at <= $2
         AND COALESCE(retry_at, 0) <= $2 AND NOT EXISTS (SELECT 1 FROM action_attempts b
         WHERE b.id = action_attempts.depends_on AND (b.status IN ('pending', 'in_progress', 'unknown')
         OR (b.status = 'success' AND b.result_id IS NULL AND b.verify_at IS NOT NULL)))
       ORDER BY due_at, run_id, step LIMIT 1)";
constexpr std::string_view kSoon =
    "SELECT id FROM action_attempts WHERE account_id = $1 AND status = 'pending' AND due_at <= $2 LIMIT 1";

}  // namespace

Result<std::vector<std::string>> accounts_with_work(store::Connection& connection, Instant until) {
  std::vector<std::string> accounts;
  LINNET_CHECK(store::for_each_row(connection, kWithWork, {to_micros(until)},
                                   [&](const store::Statement& row) { accounts.emplace_back(row.text(0)); }));
  return accounts;
}

Result<std::optional<Job>> next_job(store::Connection& connection, const connect::AccountId& account,
                                    Instant now, std::optional<Instant> soon) {
  const auto first = [&](std::string_view sql, Instant until) {
    return store::query_text(connection, sql, {std::string_view(account.value()), to_micros(until)});
  };
  LINNET_TRY(const auto unknown, first(kUnknown, now));
  if (unknown) return std::optional(Job{Job::Kind::look_up, AttemptId(*unknown)});
  if (soon) {
    LINNET_TRY(const auto expected, first(kSoon, *soon));
    if (expected) return std::optional(Job{Job::Kind::check_credentials, {}});
  }
  LINNET_TRY(const auto unverified, first(kUnverified, now));
  if (unverified) return std::optional(Job{Job::Kind::verify, AttemptId(*unverified)});
  LINNET_TRY(const auto due, first(kDue, now));
  if (due) return std::optional(Job{Job::Kind::carry_out, AttemptId(*due)});
  return std::optional<Job>();
}

}  // namespace linnet::act
