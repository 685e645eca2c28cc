// The tables of attempts, approvals and evidence. Every function runs within the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "act/attempt.hpp"
#include "store/connection.hpp"

namespace linnet::act {

// `conflict` when the same is under way or done already.
Status insert_attempt(store::Connection& connection, const Attempt& attempt);
// The same for an attempt that is there and has changed.
Status refuse_duplicate(store::Connection& connection, const Attempt& attempt);
Result<Attempt> find_attempt(store::Connection& connection, std::string_view id);
// Those of an earlier request under the client's own key, by step.
Result<std::vector<Attempt>> attempts_of_request(store::Connection& connection, std::string_view request_key);

// The posts of a thread behind this one, in order; those that are settled are left out.
Result<std::vector<Attempt>> thread_after(store::Connection& connection, const AttemptId& id);

struct AttemptQuery {
  std::string account_id;
  std::string run_id;
  std::string target_id;
  std::optional<model::ActionStatus> status;
  std::optional<model::ActionType> type;
  std::optional<bool> is_verified;  // by the newest look
  std::optional<Instant> before;    // by attempted_at
  std::string before_id;
  std::int64_t limit = 50;
};
// Newest first.
Result<std::vector<Attempt>> list_attempts(store::Connection& connection, const AttemptQuery& query);

// Changes the status; `conflict` when it is no longer `from`, or the change is not a legal one.
Status change_status(store::Connection& connection, const AttemptId& id, model::ActionStatus from,
                     model::ActionStatus to);
// Whether it is under way as it was when this worker sent it: nobody took it over, or settled it.
bool is_same_try(const Attempt& now, const Attempt& sent);
// The same, and until the transaction ends nobody does.
Result<bool> hold_try(store::Connection& connection, const Attempt& sent);
// Writes back everything of the attempt that changes after the request, but the status.
Status save_progress(store::Connection& connection, const Attempt& attempt);

struct Verification {
  std::string id;
  AttemptId attempt;
  bool is_verified = false;
  double confidence = 0;
  model::VerificationMethod method{};
  boost::json::object details;
  Instant verified_at{};
  std::int64_t duration_ms = 0;
};
// Adds it and makes it the attempt's own.
Status add_verification(store::Connection& connection, Verification verification);
Result<std::vector<Verification>> verifications_of(store::Connection& connection, const AttemptId& id);

struct Approval {
  std::string id;
  AttemptId attempt;
  std::string reason;
  std::string context;  // JSON
  std::string state = "open";
  Instant created_at{};
  Instant expires_at{};
  std::optional<Instant> decided_at;
  std::string decided_by;
  std::string comment;
};
Status insert_approval(store::Connection& connection, const Approval& approval);
Result<Approval> find_approval(store::Connection& connection, std::string_view id);
Result<std::optional<Approval>> open_approval_of(store::Connection& connection, const AttemptId& attempt);
Result<std::vector<Approval>> list_approvals(store::Connection& connection, std::string_view state,
                                             std::int64_t limit);
// `conflict` when somebody else has decided already.
Status decide_approval(store::Connection& connection, const Approval& approval);
Result<std::vector<Approval>> expired_approvals(store::Connection& connection, Instant now);

boost::json::object to_json(const Verification& verification);
boost::json::object to_json(const Approval& approval);

}  // namespace linnet::act

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::Verification>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::Approval>();
