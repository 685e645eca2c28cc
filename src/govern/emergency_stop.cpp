#include "govern/emergency_stop.hpp"

#include "govern/audit.hpp"

namespace linnet::govern {
namespace {

Status note(store::Connection& connection, AuditEvent event, const std::string& actor,
            const std::string& reason, Instant now) {
  AuditEntry entry;
  LINNET_TRY(entry.run_id, make_run_id(now));
  entry.step_id = step_id(entry.run_id, 1);
  entry.event = event;
  entry.actor = actor;
  entry.outcome = AuditOutcome::success;
  entry.details = {{"what", event == AuditEvent::session_end ? "emergency_stop" : "emergency_stop_lifted"}};
  if (!reason.empty()) entry.details["reason"] = reason;
  return append_audit(connection, std::move(entry), now);
}

}  // namespace

Result<std::optional<Instant>> stopped_since(store::Connection& connection) {
  LINNET_TRY(const auto since,
             store::query_integer(connection, "SELECT value FROM govern_marks WHERE name = 'stop'"));
  if (since.value_or(0) == 0) return std::optional<Instant>();
  return std::optional(from_micros(*since));
}

Status stop_everything(store::Connection& connection, const std::string& actor, const std::string& reason,
                       Instant now) {
  LINNET_CHECK(store::run(connection, "UPDATE govern_marks SET value = $1 WHERE name = 'stop' AND value = 0",
                          {to_micros(now)}));
  return note(connection, AuditEvent::session_end, actor, reason, now);
}

Status resume_everything(store::Connection& connection, const std::string& actor, Instant now) {
  LINNET_CHECK(
      store::run(connection, "UPDATE govern_marks SET value = 0 WHERE name = 'stop' AND value <> 0"));
  if (connection.changes() == 0) return {};
  return note(connection, AuditEvent::session_start, actor, "", now);
}

}  // namespace linnet::govern
