// The audit trail: what was done, by whom, to what, with what outcome. Rows are added and never changed; each
// row's hash covers the row before it, so that a changed, removed or reordered row is found.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/enum_names.hpp"
#include "base/instant.hpp"
#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::govern {

enum class AuditEvent : std::uint8_t {
  session_start,
  session_end,
  navigate,
  extract,
  action_attempt,
  action_complete,
  verification,
  error,
  rate_limit_hit,
  policy_block,
  emergency_stop,
  emergency_resume,
};
BOOST_DESCRIBE_ENUM(AuditEvent, session_start, session_end, navigate, extract, action_attempt,
                    action_complete, verification, error, rate_limit_hit, policy_block, emergency_stop,
                    emergency_resume)
enum class AuditOutcome : std::uint8_t { success, failure, skipped, pending };
BOOST_DESCRIBE_ENUM(AuditOutcome, success, failure, skipped, pending)

std::string_view to_string(AuditEvent event);
std::string_view to_string(AuditOutcome outcome);
std::optional<AuditEvent> parse_audit_event(std::string_view name);
std::optional<AuditOutcome> parse_audit_outcome(std::string_view name);

struct AuditEntry {
  std::string run_id;  // empty: given by append_audit, like the step
  std::string step_id;
  AuditEvent event{};
  std::string platform;     // empty: none
  std::string account_id;   // empty: none
  std::string actor;        // who of the people who use Linnet; "linnet" for what it does by itself
  std::string target_type;  // empty: none
  std::string target_id;
  AuditOutcome outcome{};
  boost::json::object details;  // never content, never a secret
  std::optional<std::int64_t> duration_ms;
  // Given by append_audit:
  std::string kept_details;  // as they stand in the table: this is what is hashed
  std::int64_t number = 0;
  std::string id;
  Instant timestamp{};
  std::string hash;
};

// "run_20260801T134942_k3x9qa", as the engagement document's system names them.
Result<std::string> make_run_id(Instant now);
// "run_…_step_0001"
std::string step_id(std::string_view run_id, std::int64_t step);

// Adds the entry within the caller's transaction, so that what happened and its record stand or fall
// together. Without a run it is a run of its own; without a step it is the first.
Status append_audit(store::Connection& connection, AuditEntry entry, Instant now);

struct AuditQuery {
  std::string run_id;
  std::string account_id;
  std::string target_id;
  std::optional<AuditEvent> event;
  std::optional<AuditOutcome> outcome;
  std::optional<Instant> since;
  std::optional<Instant> until;
  std::optional<std::int64_t> before;  // older than this number
  std::int64_t limit = 50;
};
// Newest first.
Result<std::vector<AuditEntry>> list_audit(store::Connection& connection, const AuditQuery& query);
// 0: there is no row.
Result<std::int64_t> newest_audit_number(store::Connection& connection);

struct AuditVerdict {
  bool is_whole = true;
  std::int64_t rows = 0;
  std::int64_t first_bad = 0;  // number of the first row that does not fit; 0: none
  std::string problem;
  std::string head;  // hash of the newest row: whoever notes it can tell later whether any was cut off
  std::int64_t removed = 0;  // rows that retention took away, as a row of the chain says
};
// Reads the whole chain. `expected_head`, when given, must be the hash of a row that is still there. That
// rows are missing in front counts as whole only where a row of the chain itself names the last of them; and
// a chain that the database does not keep from being written anew counts as not whole.
Result<AuditVerdict> verify_audit(store::Connection& connection, std::string_view expected_head = {});

// Takes away rows older than `before`, oldest first, within the caller's transaction; the chain goes on from
// an anchor, which a new row of the chain names. Returns how many.
Result<std::int64_t> cut_audit(store::Connection& connection, Instant before, Instant now);

boost::json::object to_json(const AuditEntry& entry);

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::AuditEntry>();
