#include "act/attempt_store.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace linnet::act {
namespace {

namespace json = boost::json;
using model::ActionStatus;

constexpr std::string_view kColumns =
    "id, run_id, step, platform, action_type, account_id, target_type, target_id, target_name, "
    "target_user_id, "
    "input, text_hash, status, hold, due_at, planned_at, expires_at, late_reported, tries, looks, sent_at, "
    "result, "
    "error, "
    "result_id, superseded_at, approved_by, by_hand, depends_on, requested_by, request_key, request_hash, "
    "worker, "
    "attempted_at, completed_at, duration_ms, verify_at, verification_id, last_sent_at, "
    "(SELECT v.verified FROM verification_results v WHERE v.id = action_attempts.verification_id), "
    "(SELECT v.confidence FROM verification_results v WHERE v.id = action_attempts.verification_id)";

// Whether another attempt that is done holds the guard already.
constexpr std::string_view kDoneElsewhere =
    "EXISTS (SELECT 1 FROM action_attempts o WHERE o.guard_done = action_attempts.guard_done AND o.status = "
    "'success' "
    "AND o.superseded_at IS NULL AND o.id <> action_attempts.id)";

store::Value text_or_null(const std::string& text) {
  return text.empty() ? store::Value() : store::Value(std::string_view(text));
}

json::object parse_object(std::string_view text) {
  boost::system::error_code code;
  auto value = json::parse(text, code);
  return !code && value.is_object() ? std::move(value.as_object()) : json::object();
}

Attempt read_attempt(const store::Statement& row) {
  Attempt attempt;
  int column = 0;
  const auto text = [&] { return std::string(row.text(column++)); };
  attempt.id = AttemptId(text());
  attempt.run_id = text();
  attempt.step = row.integer(column++);
  attempt.platform = text();
  attempt.type = model::parse_action_type(row.text(column++)).value_or(model::ActionType::extract_stats);
  attempt.account = connect::AccountId(text());
  attempt.target_type = model::parse_target_type(row.text(column++)).value_or(model::TargetType::post);
  attempt.target_id = text();
  attempt.target_name = text();
  attempt.target_user_id = text();
  attempt.input = parse_object(row.text(column++));
  attempt.text_hash = text();
  attempt.status = model::parse_action_status(row.text(column++)).value_or(ActionStatus::unknown);
  attempt.hold = text();
  attempt.due_at = row.instant(column++);
  attempt.planned_at = row.instant(column++);
  attempt.expires_at = row.maybe_instant(column++);
  attempt.is_late_reported = row.integer(column++) != 0;
  attempt.tries = row.integer(column++);
  attempt.looks = row.integer(column++);
  attempt.sent_at = row.maybe_instant(column++);
  attempt.result = text();
  attempt.error = text();
  attempt.result_id = text();
  attempt.superseded_at = row.maybe_instant(column++);
  attempt.approved_by = text();
  attempt.by_hand = row.integer(column++) != 0;
  attempt.depends_on = text();
  attempt.requested_by = text();
  attempt.request_key = text();
  attempt.request_hash = text();
  attempt.worker = text();
  attempt.attempted_at = row.instant(column++);
  attempt.completed_at = row.maybe_instant(column++);
  attempt.duration_ms = row.maybe_integer(column++);
  attempt.verify_at = row.maybe_instant(column++);
  attempt.verification_id = text();
  attempt.last_sent_at = row.maybe_instant(column++);
  if (const auto verified = row.maybe_integer(column++)) {
    attempt.newest_look = {*verified != 0, row.real(column)};
  }
  return attempt;
}

Result<std::vector<Attempt>> read_attempts(store::Connection& connection, const std::string& condition,
                                           const std::vector<store::Value>& values) {
  LINNET_TRY(auto* const statement,
             connection.prepare(fmt::format("SELECT {} FROM action_attempts WHERE {}", kColumns, condition)));
  for (std::size_t i = 0; i < values.size(); ++i) statement->bind(static_cast<int>(i) + 1, values[i]);
  std::vector<Attempt> attempts;
  while (true) {
    LINNET_TRY(const bool more, statement->step());
    if (!more) return attempts;
    attempts.push_back(read_attempt(*statement));
  }
}

Result<std::vector<connect::MediaFile>> read_media(store::Connection& connection, std::string_view condition,
                                                   std::initializer_list<store::Value> values) {
  std::vector<connect::MediaFile> files;
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format("SELECT name, media_type, alt_text, bytes FROM action_media WHERE {}", condition), values,
      [&](const store::Statement& row) {
        files.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.bytes(3)),
                         std::string(row.text(2))});
      }));
  return files;
}

// The indexes would refuse the row as well; this says which attempt stands in the way.
Status refuse_duplicate(store::Connection& connection, const Guards& guards, std::string_view except) {
  const auto look = [&](const std::string& guard, std::string_view sql, std::string_view what) -> Status {
    if (guard.empty()) return {};
    LINNET_TRY(const auto other, store::query_text(connection, sql, {std::string_view(guard), except}));
    if (!other) return {};
    return Error::of(ErrorKind::conflict, fmt::format("the same is {}: action {}", what, *other));
  };
  LINNET_CHECK(look(guards.done,
                    "SELECT id FROM action_attempts WHERE guard_done = $1 AND status = 'success' AND "
                    "superseded_at IS NULL AND id <> $2",
                    "done already"));
  return look(guards.open,
              "SELECT id FROM action_attempts WHERE guard_open = $1 AND status IN ('pending', 'in_progress', "
              "'unknown') AND id <> $2",
              "under way already");
}

}  // namespace

Status refuse_duplicate(store::Connection& connection, const Attempt& attempt) {
  return refuse_duplicate(connection, guards_of(attempt), attempt.id.value());
}

Status insert_attempt(store::Connection& connection, const Attempt& attempt,
                      const std::vector<connect::MediaFile>& media) {
  auto guards = guards_of(attempt);
  // What was refused stands in nobody's way.
  if (attempt.status == ActionStatus::skipped) guards = {};
  LINNET_CHECK(refuse_duplicate(connection, guards, ""));
  const auto input = json::serialize(attempt.input);
  LINNET_CHECK(store::run(
      connection,
      "INSERT INTO action_attempts (id, run_id, step, platform, action_type, account_id, target_type, "
      "target_id, "
      "target_name, target_user_id, input, text_hash, status, hold, due_at, planned_at, expires_at, error, "
      "approved_by, "
      "by_hand, depends_on, requested_by, request_key, request_hash, attempted_at, completed_at, guard_open, "
      "guard_done) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
      "$19, "
      "$20, $21, $22, $23, $24, $25, $26, $27, $28)",
      {std::string_view(attempt.id.value()),
       std::string_view(attempt.run_id),
       attempt.step,
       std::string_view(attempt.platform),
       model::to_string(attempt.type),
       std::string_view(attempt.account.value()),
       model::to_string(attempt.target_type),
       std::string_view(attempt.target_id),
       text_or_null(attempt.target_name),
       text_or_null(attempt.target_user_id),
       std::string_view(input),
       text_or_null(attempt.text_hash),
       model::to_string(attempt.status),
       std::string_view(attempt.hold),
       to_micros(attempt.due_at),
       to_micros(attempt.planned_at),
       store::value_of(attempt.expires_at),
       text_or_null(attempt.error),
       text_or_null(attempt.approved_by),
       std::int64_t{attempt.by_hand},
       text_or_null(attempt.depends_on),
       std::string_view(attempt.requested_by),
       text_or_null(attempt.request_key),
       text_or_null(attempt.request_hash),
       to_micros(attempt.attempted_at),
       store::value_of(attempt.completed_at),
       text_or_null(guards.open),
       text_or_null(guards.done)}));
  std::int64_t position = 0;
  for (const auto& file : media) {
    LINNET_CHECK(store::run(
        connection,
        "INSERT INTO action_media (attempt_id, position, name, media_type, alt_text, bytes) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        {std::string_view(attempt.id.value()), position++, std::string_view(file.name),
         std::string_view(file.media_type), std::string_view(file.alt_text), store::Blob{file.bytes}}));
  }
  return {};
}

Result<Attempt> find_attempt(store::Connection& connection, std::string_view id) {
  LINNET_TRY(auto found, read_attempts(connection, "id = $1", {id}));
  if (found.empty())
    return not_found(fmt::format("action: there is none with the id \"{}\"", id.substr(0, 60)));
  return std::move(found.front());
}

Result<std::vector<connect::MediaFile>> load_media(store::Connection& connection,
                                                   std::string_view attempt_id) {
  return read_media(connection, "attempt_id = $1 ORDER BY position", {attempt_id});
}

Result<connect::MediaFile> find_media(store::Connection& connection, std::string_view attempt_id,
                                      std::int64_t position) {
  LINNET_TRY(auto found, read_media(connection, "attempt_id = $1 AND position = $2", {attempt_id, position}));
  if (found.empty()) return not_found("media: the action has no such file, or no longer");
  return std::move(found.front());
}

Result<std::vector<Attempt>> attempts_of_request(store::Connection& connection,
                                                 std::string_view request_key) {
  return read_attempts(connection, "request_key = $1 ORDER BY step", {request_key});
}

Result<std::vector<Attempt>> thread_after(store::Connection& connection, const AttemptId& id) {
  std::vector<Attempt> rest;
  auto before = id.value();
  while (true) {
    LINNET_TRY(auto next, read_attempts(connection, "depends_on = $1 ORDER BY attempted_at DESC LIMIT 1",
                                        {std::string_view(before)}));
    if (next.empty()) return rest;
    before = next.front().id.value();
    if (next.front().status != ActionStatus::success) rest.push_back(std::move(next.front()));
  }
}

Result<std::vector<Attempt>> list_attempts(store::Connection& connection, const AttemptQuery& query) {
  std::string condition = "1 = 1";
  std::vector<store::Value> values;
  const auto also = [&](std::string_view column, const store::Value& value) {
    values.push_back(value);
    condition += fmt::format(" AND {} ${}", column, values.size());
  };
  if (!query.account_id.empty()) also("account_id =", std::string_view(query.account_id));
  if (!query.run_id.empty()) also("run_id =", std::string_view(query.run_id));
  if (!query.target_id.empty()) also("target_id =", std::string_view(query.target_id));
  if (query.status) also("status =", model::to_string(*query.status));
  if (query.type) also("action_type =", model::to_string(*query.type));
  if (query.is_verified)
    also("(SELECT v.verified FROM verification_results v WHERE v.id = action_attempts.verification_id) =",
         std::int64_t{*query.is_verified});
  if (query.before) {
    values.emplace_back(to_micros(*query.before));
    values.emplace_back(std::string_view(query.before_id));
    condition += fmt::format(" AND (attempted_at, id) < (${}, ${})", values.size() - 1, values.size());
  }
  values.emplace_back(query.limit);
  return read_attempts(
      connection, fmt::format("{} ORDER BY attempted_at DESC, id DESC LIMIT ${}", condition, values.size()),
      values);
}

Result<std::vector<Attempt>> due_attempts(store::Connection& connection, Instant now, std::int64_t limit) {
  return read_attempts(
      connection,
      "status = 'pending' AND hold IN ('', 'time') AND due_at <= $1 ORDER BY due_at, run_id, step "
      "LIMIT $2",
      {to_micros(now), limit});
}

Result<std::vector<Attempt>> unknown_attempts(store::Connection& connection, Instant now,
                                              std::int64_t limit) {
  return read_attempts(connection, "status = 'unknown' AND verify_at <= $1 ORDER BY verify_at LIMIT $2",
                       {to_micros(now), limit});
}

Result<std::vector<Attempt>> unverified_attempts(store::Connection& connection, Instant now,
                                                 std::int64_t limit) {
  return read_attempts(connection, "status = 'success' AND verify_at <= $1 ORDER BY verify_at LIMIT $2",
                       {to_micros(now), limit});
}

Status change_status(store::Connection& connection, const AttemptId& id, ActionStatus from, ActionStatus to) {
  if (!model::may_follow(from, to)) {
    return internal_error(
        fmt::format("an action cannot go from {} to {}", model::to_string(from), model::to_string(to)));
  }
  // What the platform did is written down also where the rules would not have let it happen a second time:
  // the guard stays with the first.
  const auto guard =
      to == ActionStatus::success
          ? fmt::format(", guard_done = CASE WHEN {} THEN NULL ELSE guard_done END", kDoneElsewhere)
          : std::string();
  LINNET_CHECK(
      store::run(connection,
                 fmt::format("UPDATE action_attempts SET status = $3{} WHERE id = $1 AND status = $2", guard),
                 {std::string_view(id.value()), model::to_string(from), model::to_string(to)}));
  if (connection.changes() == 1) return {};
  return Error::of(ErrorKind::conflict, fmt::format("the action is no longer {}", model::to_string(from)));
}

Status save_progress(store::Connection& connection, const Attempt& attempt) {
  const auto guards = guards_of(attempt);
  const auto input = json::serialize(attempt.input);
  return store::run(
      connection,
      "UPDATE action_attempts SET target_id = $2, target_name = $3, target_user_id = $4, input = $5, "
      "text_hash = $6, "
      "hold = $7, due_at = $8, late_reported = $9, tries = $10, looks = $11, sent_at = $12, result = $13, "
      "error = $14, result_id = $15, approved_by = $16, worker = $17, completed_at = $18, duration_ms = $19, "
      "verify_at = $20, guard_open = $21, guard_done = CASE WHEN status = 'success' AND EXISTS (SELECT 1 "
      "FROM action_attempts o WHERE o.guard_done = $22 AND "
      "o.status = 'success' AND o.superseded_at IS NULL AND o.id <> $1) THEN NULL ELSE $22 END, last_sent_at "
      "= $23 WHERE "
      "id = $1",
      {std::string_view(attempt.id.value()),
       std::string_view(attempt.target_id),
       text_or_null(attempt.target_name),
       text_or_null(attempt.target_user_id),
       std::string_view(input),
       text_or_null(attempt.text_hash),
       std::string_view(attempt.hold),
       to_micros(attempt.due_at),
       std::int64_t{attempt.is_late_reported},
       attempt.tries,
       attempt.looks,
       store::value_of(attempt.sent_at),
       text_or_null(attempt.result),
       text_or_null(attempt.error),
       text_or_null(attempt.result_id),
       text_or_null(attempt.approved_by),
       text_or_null(attempt.worker),
       store::value_of(attempt.completed_at),
       attempt.duration_ms ? store::Value(*attempt.duration_ms) : store::Value(),
       store::value_of(attempt.verify_at),
       text_or_null(guards.open),
       text_or_null(guards.done),
       store::value_of(attempt.last_sent_at)});
}

}  // namespace linnet::act
