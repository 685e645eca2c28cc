// Approvals and verifications: the tables beside the attempts.
#include <fmt/format.h>

#include "act/attempt_store.hpp"
#include "store/record/json.hpp"
#include "store/record/sql.hpp"

namespace linnet::act {

namespace json = boost::json;

Status add_verification(store::Connection& connection, Verification verification) {
  LINNET_TRY(verification.id, make_uuid_v4());
  LINNET_CHECK(record::insert(connection, verification));
  return store::run(connection, "UPDATE action_attempts SET verification_id = $2 WHERE id = $1",
                    {std::string_view(verification.attempt.value()), std::string_view(verification.id)});
}

Result<std::vector<Verification>> verifications_of(store::Connection& connection, const AttemptId& id) {
  return record::find_all<Verification>(connection, "action_attempt_id = $1 ORDER BY verified_at, id",
                                        {std::string_view(id.value())});
}

Status insert_approval(store::Connection& connection, const Approval& approval) {
  return record::insert(connection, approval);
}

Result<Approval> find_approval(store::Connection& connection, std::string_view id) {
  LINNET_TRY(auto found, record::find_first<Approval>(connection, "id = $1", {id}));
  if (!found) return not_found(fmt::format("approval: there is none with the id \"{}\"", id.substr(0, 60)));
  return std::move(*found);
}

Result<std::optional<Approval>> open_approval_of(store::Connection& connection, const AttemptId& attempt) {
  return record::find_first<Approval>(connection, "attempt_id = $1 AND state = 'open'",
                                      {std::string_view(attempt.value())});
}

Result<std::vector<Approval>> list_approvals(store::Connection& connection, std::string_view state,
                                             std::int64_t limit) {
  // The posts of a thread as they will stand.
  return record::find_all<Approval>(connection,
                                    R"(state = $1
                                       ORDER BY created_at, (SELECT step FROM action_attempts t
                                         WHERE t.id = attempt_id), id LIMIT $2)",
                                    {state, limit});
}

Status decide_approval(store::Connection& connection, const Approval& approval) {
  LINNET_CHECK(record::update_only(connection, approval, {"state", "decided_at", "decided_by", "comment"},
                                   "state = 'open'"));
  if (connection.changes() == 1) return {};
  return Error::of(ErrorKind::conflict, "this request was decided already");
}

Result<std::vector<Approval>> expired_approvals(store::Connection& connection, Instant now) {
  return record::find_all<Approval>(connection, "state = 'open' AND expires_at <= $1", {to_micros(now)});
}

json::object to_json(const Verification& verification) {
  return record::to_json(verification);
}

json::object to_json(const Approval& approval) {
  return record::to_json(approval);
}

}  // namespace linnet::act

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::Verification>() {
  using linnet::act::Verification;
  static const Entity described = entity<Verification>(
      {.name = "Evidence",
       .table = "verification_results",
       .care = {.person = OfPerson::with, .condition = "action_attempts", .kept_for = "actions"}},
      {field<&Verification::id>("id").key(), field<&Verification::attempt>("action_attempt_id"),
       field<&Verification::is_verified>("verified"), field<&Verification::confidence>("confidence"),
       field<&Verification::method>("method"), field<&Verification::details>("details"),
       field<&Verification::verified_at>("verified_at"), field<&Verification::duration_ms>("duration_ms")});
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::Approval>() {
  using linnet::act::Approval;
  static const Entity described = entity<Approval>(
      {.name = "ApprovalRequest",
       .table = "approvals",
       .care = {.person = OfPerson::with, .condition = "action_attempts", .kept_for = "actions"}},
      {field<&Approval::id>("id").key(), field<&Approval::attempt>("action_id").in_column("attempt_id"),
       field<&Approval::reason>("reason"), field<&Approval::context>("context").json(),
       field<&Approval::state>("state").one_of(
           {"open", "approved", "edited", "rejected", "expired", "cancelled"}),
       field<&Approval::created_at>("created_at"), field<&Approval::expires_at>("expires_at"),
       field<&Approval::decided_at>("decided_at"), field<&Approval::decided_by>("decided_by").or_null(),
       field<&Approval::comment>("comment").or_null()});
  return described;
}
