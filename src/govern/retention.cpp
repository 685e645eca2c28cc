#include "govern/retention.hpp"

#include <fmt/format.h>

#include "govern/audit.hpp"

namespace linnet::govern {
namespace {

using std::chrono::hours;

Result<std::int64_t> count(store::Connection& connection, std::string_view from_where,
                           std::initializer_list<store::Value> values) {
  LINNET_TRY(const auto number,
             store::query_integer(connection, fmt::format("SELECT COUNT(*) FROM {}", from_where), values));
  return number.value_or(0);
}

// The text goes, that there was a message stays.
Result<std::int64_t> redact_messages(store::Connection& connection, Instant before, Instant /*now*/,
                                     bool dry_run) {
  constexpr std::string_view kOld =
      "dm_messages WHERE discovered_at < $1 AND content_encrypted <> '[REDACTED]'";
  LINNET_TRY(const auto rows, count(connection, kOld, {to_micros(before)}));
  if (dry_run) return rows;
  LINNET_CHECK(store::run(connection,
                          R"(UPDATE dm_messages
                             SET content_encrypted = '[REDACTED]'
                             WHERE discovered_at < $1 AND content_encrypted <> '[REDACTED]')",
                          {to_micros(before)}));
  LINNET_CHECK(store::run(
      connection,
      "UPDATE dm_threads SET last_message_preview = NULL WHERE COALESCE(last_message_at, discovered_at) < $1",
      {to_micros(before)}));
  return rows;
}

// What we wrote to people stands in the attempts as well.
Result<std::int64_t> redact_sent_messages(store::Connection& connection, Instant before, Instant /*now*/,
                                          bool dry_run) {
  constexpr std::string_view kOld =
      R"(action_attempts
         WHERE action_type = 'dm_send' AND COALESCE(completed_at, attempted_at) < $1
           AND status IN ('success', 'failed', 'skipped', 'cancelled')
           AND input <> '{"textEncrypted":"[REDACTED]"}')";
  LINNET_TRY(const auto rows, count(connection, kOld, {to_micros(before)}));
  if (dry_run) return rows;
  LINNET_CHECK(store::run(connection,
                          R"(UPDATE action_attempts SET input = '{"textEncrypted":"[REDACTED]"}'
                             WHERE action_type = 'dm_send' AND COALESCE(completed_at, attempted_at) < $1
                               AND status IN ('success', 'failed', 'skipped', 'cancelled'))",
                          {to_micros(before)}));
  return rows;
}

// With what hangs on them, innermost first; those that are not settled stay.
Result<std::int64_t> remove_attempts(store::Connection& connection, Instant before, Instant /*now*/,
                                     bool dry_run) {
  constexpr std::string_view kOld =
      "COALESCE(completed_at, attempted_at) < $1 AND status IN ('success', 'failed', 'skipped', 'cancelled')";
  LINNET_TRY(const auto rows,
             count(connection, fmt::format("action_attempts WHERE {}", kOld), {to_micros(before)}));
  if (dry_run || rows == 0) return rows;
  const auto old_ids = fmt::format("(SELECT id FROM action_attempts WHERE {})", kOld);
  for (const auto& sql :
       {fmt::format("UPDATE dm_messages SET action_attempt_id = NULL WHERE action_attempt_id IN {}", old_ids),
        fmt::format("DELETE FROM verification_results WHERE action_attempt_id IN {}", old_ids),
        fmt::format("DELETE FROM approvals WHERE attempt_id IN {}", old_ids),
        fmt::format("DELETE FROM action_media WHERE attempt_id IN {}", old_ids),
        fmt::format("DELETE FROM action_attempts WHERE {}", kOld)}) {
    LINNET_CHECK(store::run(connection, sql, {to_micros(before)}));
  }
  return rows;
}

// Screenshots and the like: the files that went with posts.
Result<std::int64_t> remove_media(store::Connection& connection, Instant before, Instant /*now*/,
                                  bool dry_run) {
  constexpr std::string_view kOld =
      R"(action_media
         WHERE attempt_id IN (SELECT id FROM action_attempts WHERE COALESCE(completed_at,
           attempted_at) < $1 AND status IN ('success', 'failed', 'skipped', 'cancelled')))";
  LINNET_TRY(const auto rows, count(connection, kOld, {to_micros(before)}));
  if (dry_run) return rows;
  LINNET_CHECK(store::run(connection, fmt::format("DELETE FROM {}", kOld), {to_micros(before)}));
  return rows;
}

Result<std::int64_t> remove_sessions(store::Connection& connection, Instant before, Instant now,
                                     bool dry_run) {
  constexpr std::string_view kOld = "user_sessions WHERE expires_at < $1 OR last_used_at < $2";
  LINNET_TRY(const auto rows, count(connection, kOld, {to_micros(now), to_micros(before)}));
  if (dry_run) return rows;
  LINNET_CHECK(
      store::run(connection, fmt::format("DELETE FROM {}", kOld), {to_micros(now), to_micros(before)}));
  return rows;
}

Result<std::int64_t> remove_blocks(store::Connection& connection, Instant /*before*/, Instant now,
                                   bool dry_run) {
  constexpr std::string_view kOld = "blocklist_entries WHERE expires_at IS NOT NULL AND expires_at < $1";
  LINNET_TRY(const auto rows, count(connection, kOld, {to_micros(now)}));
  if (dry_run) return rows;
  LINNET_CHECK(store::run(connection, fmt::format("DELETE FROM {}", kOld), {to_micros(now)}));
  return rows;
}

// What was asked of language models and answered goes; that they were asked stays, with what it cost.
Result<std::int64_t> forget_model_texts(store::Connection& connection, Instant before, Instant /*now*/,
                                        bool dry_run) {
  constexpr std::string_view kOld =
      "llm_calls WHERE started_at < $1 AND (sent IS NOT NULL OR answer IS NOT NULL)";
  LINNET_TRY(const auto rows, count(connection, kOld, {to_micros(before)}));
  if (dry_run || rows == 0) return rows;
  LINNET_CHECK(store::run(connection,
                          R"(UPDATE llm_calls SET sent = NULL, answer = NULL
                             WHERE started_at < $1 AND (sent IS NOT NULL OR answer IS NOT NULL))",
                          {to_micros(before)}));
  return rows;
}

Result<std::int64_t> remove_model_calls(store::Connection& connection, Instant before, Instant /*now*/,
                                        bool dry_run) {
  constexpr std::string_view kOld = "llm_calls WHERE started_at < $1 AND outcome <> 'asking'";
  LINNET_TRY(const auto rows, count(connection, kOld, {to_micros(before)}));
  if (dry_run) return rows;
  LINNET_CHECK(store::run(connection, fmt::format("DELETE FROM {}", kOld), {to_micros(before)}));
  return rows;
}

// What of their lineage is needed no more goes with the layers' own upkeep.
Result<std::int64_t> remove_expired_insights(store::Connection& connection, Instant before, Instant /*now*/,
                                             bool dry_run) {
  constexpr std::string_view kOld = "insights WHERE expires_at <= $1 AND is_pinned = 0";
  LINNET_TRY(const auto rows, count(connection, kOld, {to_micros(before)}));
  if (dry_run) return rows;
  LINNET_CHECK(store::run(connection, fmt::format("DELETE FROM {}", kOld), {to_micros(before)}));
  return rows;
}

// Those that insights name stay as long as these.
Result<std::int64_t> remove_layer_runs(store::Connection& connection, Instant before, Instant /*now*/,
                                       bool dry_run) {
  constexpr std::string_view kOld =
      R"(layer_runs
         WHERE started_at < $1 AND status <> 'running' AND NOT EXISTS (SELECT 1 FROM insights i
           WHERE i.layer_run_id = layer_runs.id))";
  LINNET_TRY(const auto rows, count(connection, kOld, {to_micros(before)}));
  if (dry_run || rows == 0) return rows;
  LINNET_CHECK(store::run(
      connection, fmt::format("DELETE FROM layer_run_targets WHERE run_id IN (SELECT id FROM {})", kOld),
      {to_micros(before)}));
  LINNET_CHECK(store::run(connection, fmt::format("DELETE FROM {}", kOld), {to_micros(before)}));
  return rows;
}

Result<std::int64_t> remove_audit(store::Connection& connection, Instant before, Instant now, bool dry_run) {
  if (!dry_run) return cut_audit(connection, before, now);
  return count(connection,
               R"(audit_entries
                  WHERE number < (SELECT COALESCE(MIN(number), 9223372036854775807) FROM audit_entries
                    WHERE timestamp >= $1))",
               {to_micros(before)});
}

}  // namespace

const std::vector<RetentionRule>& retention_rules() {
  static const std::vector<RetentionRule> rules{
      {"texts of direct messages", "30 days", kMessageTextsKept, redact_messages},
      {"texts of messages that were sent", "30 days", hours(24 * 30), redact_sent_messages},
      {"files of actions", "7 days", hours(24 * 7), remove_media},
      {"actions", "1 year", hours(24 * 365), remove_attempts},
      {"texts of calls of language models", "30 days", hours(24 * 30), forget_model_texts},
      {"calls of language models", "1 year", hours(24 * 365), remove_model_calls},
      {"insights", "until they expire", hours(0), remove_expired_insights},
      {"layer runs", "1 year", hours(24 * 365), remove_layer_runs},
      {"sessions", "12 hours unused, or until signed out", hours(12), remove_sessions},
      {"blocklist entries", "until they expire", hours(0), remove_blocks},
      {"audit entries", "1 year", hours(24 * 365), remove_audit},
  };
  return rules;
}

Result<std::vector<RetentionResult>> apply_retention(store::Database& database, store::Writer& writer,
                                                     Instant now, bool dry_run) {
  std::vector<RetentionResult> results;
  if (dry_run) {
    LINNET_TRY(auto reader, database.reader());
    for (const auto& rule : retention_rules()) {
      LINNET_TRY(const auto number, rule.apply(*reader, now - rule.keep, now, true));
      results.push_back({rule.what, rule.rule, number, now - rule.keep});
    }
    return results;
  }
  for (const auto& rule : retention_rules()) {
    std::int64_t number = 0;
    LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
      LINNET_TRY(number, rule.apply(connection, now - rule.keep, now, false));
      if (number == 0) return {};
      AuditEntry entry;
      entry.event = AuditEvent::action_complete;
      entry.actor = "linnet";
      entry.outcome = AuditOutcome::success;
      entry.details = {{"what", "retention"}, {"of", rule.what}, {"count", number}};
      return append_audit(connection, std::move(entry), now);
    }));
    results.push_back({rule.what, rule.rule, number, now - rule.keep});
  }
  return results;
}

}  // namespace linnet::govern
