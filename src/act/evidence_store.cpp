// Approvals and verifications: the tables beside the attempts.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "act/attempt_store.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;

constexpr std::string_view kApprovalColumns =
    "id, attempt_id, reason, context, state, created_at, expires_at, decided_at, decided_by, comment";

store::Value text_or_null(const std::string& text) {
  return text.empty() ? store::Value() : store::Value(std::string_view(text));
}

json::value parsed(const std::string& text) {
  boost::system::error_code code;
  auto value = json::parse(text, code);
  return code ? json::value(json::object()) : value;
}

Result<std::vector<Approval>> read_approvals(store::Connection& connection, std::string_view condition,
                                             std::initializer_list<store::Value> values) {
  std::vector<Approval> approvals;
  LINNET_CHECK(store::for_each_row(
      connection, fmt::format("SELECT {} FROM approvals WHERE {}", kApprovalColumns, condition), values,
      [&](const store::Statement& row) {
        approvals.push_back({std::string(row.text(0)), AttemptId(std::string(row.text(1))),
                             std::string(row.text(2)), std::string(row.text(3)), std::string(row.text(4)),
                             row.instant(5), row.instant(6), row.maybe_instant(7), std::string(row.text(8)),
                             std::string(row.text(9))});
      }));
  return approvals;
}

}  // namespace

Status add_verification(store::Connection& connection, Verification verification) {
  LINNET_TRY(verification.id, make_uuid_v4());
  const auto details = json::serialize(verification.details);
  LINNET_CHECK(store::run(
      connection,
      "INSERT INTO verification_results (id, action_attempt_id, verified, confidence, method, "
      "details, verified_at, duration_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {std::string_view(verification.id), std::string_view(verification.attempt.value()),
       std::int64_t{verification.is_verified}, verification.confidence, model::to_string(verification.method),
       std::string_view(details), to_micros(verification.verified_at), verification.duration_ms}));
  return store::run(connection, "UPDATE action_attempts SET verification_id = $2 WHERE id = $1",
                    {std::string_view(verification.attempt.value()), std::string_view(verification.id)});
}

Result<std::vector<Verification>> verifications_of(store::Connection& connection, const AttemptId& id) {
  std::vector<Verification> list;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT id, action_attempt_id, verified, confidence, method, details, verified_at, duration_ms FROM "
      "verification_results WHERE action_attempt_id = $1 ORDER BY verified_at, id",
      {std::string_view(id.value())}, [&](const store::Statement& row) {
        Verification found;
        found.id = row.text(0);
        found.attempt = AttemptId(std::string(row.text(1)));
        found.is_verified = row.integer(2) != 0;
        found.confidence = row.real(3);
        found.method =
            model::parse_verification_method(row.text(4)).value_or(model::VerificationMethod::manual);
        const auto details = parsed(std::string(row.text(5)));
        if (details.is_object()) found.details = details.as_object();
        found.verified_at = row.instant(6);
        found.duration_ms = row.integer(7);
        list.push_back(std::move(found));
      }));
  return list;
}

Status insert_approval(store::Connection& connection, const Approval& approval) {
  return store::run(
      connection,
      "INSERT INTO approvals (id, attempt_id, reason, context, state, created_at, expires_at) VALUES "
      "($1, $2, $3, $4, 'open', $5, $6)",
      {std::string_view(approval.id), std::string_view(approval.attempt.value()),
       std::string_view(approval.reason), std::string_view(approval.context), to_micros(approval.created_at),
       to_micros(approval.expires_at)});
}

Result<Approval> find_approval(store::Connection& connection, std::string_view id) {
  LINNET_TRY(auto found, read_approvals(connection, "id = $1", {id}));
  if (found.empty())
    return not_found(fmt::format("approval: there is none with the id \"{}\"", id.substr(0, 60)));
  return std::move(found.front());
}

Result<std::optional<Approval>> open_approval_of(store::Connection& connection, const AttemptId& attempt) {
  LINNET_TRY(auto found, read_approvals(connection, "attempt_id = $1 AND state = 'open'",
                                        {std::string_view(attempt.value())}));
  if (found.empty()) return std::optional<Approval>();
  return std::optional(std::move(found.front()));
}

Result<std::vector<Approval>> list_approvals(store::Connection& connection, std::string_view state,
                                             std::int64_t limit) {
  // The posts of a thread as they will stand.
  return read_approvals(connection,
                        "state = $1 ORDER BY created_at, (SELECT step FROM action_attempts t WHERE t.id = "
                        "attempt_id), id LIMIT $2",
                        {state, limit});
}

Status decide_approval(store::Connection& connection, const Approval& approval) {
  LINNET_CHECK(store::run(
      connection,
      "UPDATE approvals SET state = $2, decided_at = $3, decided_by = $4, comment = $5 WHERE "
      "id = $1 AND state = 'open'",
      {std::string_view(approval.id), std::string_view(approval.state), store::value_of(approval.decided_at),
       text_or_null(approval.decided_by), text_or_null(approval.comment)}));
  if (connection.changes() == 1) return {};
  return Error::of(ErrorKind::conflict, "this request was decided already");
}

Result<std::vector<Approval>> expired_approvals(store::Connection& connection, Instant now) {
  return read_approvals(connection, "state = 'open' AND expires_at <= $1", {to_micros(now)});
}

json::object to_json(const Verification& verification) {
  return {{"id", verification.id},
          {"action_attempt_id", verification.attempt.value()},
          {"verified", verification.is_verified},
          {"confidence", verification.confidence},
          {"method", model::to_string(verification.method)},
          {"details", verification.details},
          {"verified_at", to_iso8601(verification.verified_at)},
          {"duration_ms", verification.duration_ms}};
}

json::object to_json(const Approval& approval) {
  const auto text = [](const std::string& value) {
    return value.empty() ? json::value() : json::value(value);
  };
  return {{"id", approval.id},
          {"action_id", approval.attempt.value()},
          {"reason", approval.reason},
          {"context", parsed(approval.context)},
          {"state", approval.state},
          {"created_at", to_iso8601(approval.created_at)},
          {"expires_at", to_iso8601(approval.expires_at)},
          {"decided_at", approval.decided_at ? json::value(to_iso8601(*approval.decided_at)) : json::value()},
          {"decided_by", text(approval.decided_by)},
          {"comment", text(approval.comment)}};
}

}  // namespace linnet::act
