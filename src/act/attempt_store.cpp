#include "act/attempt_store.hpp"

#include <fmt/format.h>

#include "store/record/sql.hpp"

namespace linnet::act {
namespace {

using model::ActionStatus;

// Whether another attempt that is done holds the guard already; {0} is the guard.
constexpr std::string_view kDoneElsewhere = R"(EXISTS (
  SELECT 1 FROM action_attempts o
  WHERE o.guard_done = {0} AND o.status = 'success' AND o.superseded_at IS NULL AND o.id <> action_attempts.id))";

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
                    R"(SELECT id FROM action_attempts
                       WHERE guard_done = $1 AND status = 'success' AND superseded_at IS NULL AND id <> $2)",
                    "done already"));
  return look(guards.open,
              R"(SELECT id FROM action_attempts
                 WHERE guard_open = $1 AND status IN ('pending', 'in_progress', 'unknown') AND id <> $2)",
              "under way already");
}

// The text of a direct message is sealed, and nobody's to see in that form.
boost::json::value input_without_seal(const Attempt& attempt) {
  auto input = attempt.input;
  if (input.erase("textEncrypted") > 0) input["text"] = nullptr;
  return input;
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
  LINNET_CHECK(record::insert(
      connection, attempt,
      {{"guard_open", store::text_or_null(guards.open)}, {"guard_done", store::text_or_null(guards.done)}}));
  std::int64_t position = 0;
  for (const auto& file : media) {
    LINNET_CHECK(store::run(
        connection,
        R"(INSERT INTO action_media (attempt_id, position, name, media_type, alt_text, bytes)
           VALUES ($1, $2, $3, $4, $5, $6))",
        {std::string_view(attempt.id.value()), position++, std::string_view(file.name),
         std::string_view(file.media_type), std::string_view(file.alt_text), store::Blob{file.bytes}}));
  }
  return {};
}

Result<Attempt> find_attempt(store::Connection& connection, std::string_view id) {
  LINNET_TRY(auto found, record::find_first<Attempt>(connection, "id = $1", {id}));
  if (!found) return not_found(fmt::format("action: there is none with the id \"{}\"", id.substr(0, 60)));
  return std::move(*found);
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
  return record::find_all<Attempt>(connection, "request_key = $1 ORDER BY step", {request_key});
}

Result<std::vector<Attempt>> thread_after(store::Connection& connection, const AttemptId& id) {
  std::vector<Attempt> rest;
  auto before = id.value();
  while (true) {
    LINNET_TRY(auto next,
               record::find_first<Attempt>(connection, "depends_on = $1 ORDER BY attempted_at DESC LIMIT 1",
                                           {std::string_view(before)}));
    if (!next) return rest;
    before = next->id.value();
    if (next->status != ActionStatus::success) rest.push_back(std::move(*next));
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
  return record::find_all<Attempt>(
      connection, fmt::format("{} ORDER BY attempted_at DESC, id DESC LIMIT ${}", condition, values.size()),
      values);
}

Status change_status(store::Connection& connection, const AttemptId& id, ActionStatus from, ActionStatus to) {
  if (!model::may_follow(from, to)) {
    return internal_error(
        fmt::format("an action cannot go from {} to {}", model::to_string(from), model::to_string(to)));
  }
  // What the platform did is written down also where the rules would not have let it happen a second time:
  // the guard stays with the first.
  const auto guard = to == ActionStatus::success
                         ? fmt::format(", guard_done = CASE WHEN {} THEN NULL ELSE guard_done END",
                                       fmt::format(kDoneElsewhere, "action_attempts.guard_done"))
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
  const auto done = fmt::format("CASE WHEN status = 'success' AND {} THEN NULL ELSE {{}} END",
                                fmt::format(kDoneElsewhere, "{}"));
  return record::update(connection, attempt,
                        {{"guard_open", store::text_or_null(guards.open)},
                         {"guard_done", store::text_or_null(guards.done), done}},
                        // Of whom was erased meanwhile nothing comes back.
                        "target_id <> 'erased'");
}

}  // namespace linnet::act

namespace linnet::record {

using act::KeptError;
using act::KeptFile;
using act::KeptInput;
using act::KeptPoll;
using act::KeptResult;

template <>
const Entity& entity_of<KeptPoll>() {
  static const auto described =
      entity<KeptPoll>({.name = "ActionPoll"}, {field<&KeptPoll::options>("options"),
                                                field<&KeptPoll::open_for_seconds>("openForSeconds"),
                                                field<&KeptPoll::multiple>("multiple")});
  return described;
}
template <>
const Entity& entity_of<KeptFile>() {
  static const auto described = entity<KeptFile>(
      {.name = "ActionFile"}, {field<&KeptFile::name>("name").like("dawn.png"),
                               field<&KeptFile::media_type>("mediaType").like("image/png"),
                               field<&KeptFile::alt_text>("altText").like("A boat at dawn")});
  return described;
}
template <>
const Entity& entity_of<KeptInput>() {
  using Input = KeptInput;
  static const auto described = entity<Input>(
      {.name = "ActionInput"},
      {field<&Input::text>("text").left_out_when_null().means("Null: a direct message, which is sealed"),
       field<&Input::text_hash>("textHash").left_out_when_null(),
       field<&Input::spoiler_text>("spoilerText").left_out_when_null(),
       field<&Input::visibility>("visibility").left_out_when_null(),
       field<&Input::language>("language").left_out_when_null(),
       field<&Input::quote_policy>("quotePolicy").left_out_when_null().like("public"),
       field<&Input::channel>("channel").left_out_when_null().like("323456789012345678"),
       field<&Input::sensitive>("sensitive").left_out_when_null(),
       field<&Input::quoted_id>("quotedId").left_out_when_null(),
       field<&Input::scheduled_at>("scheduledAt").left_out_when_null(),
       field<&Input::link>("link").left_out_when_null().like("https://example.social/about"),
       field<&Input::poll>("poll").left_out_when_null(), field<&Input::media>("media").left_out_when_null(),
       field<&Input::media_hash>("mediaHash").left_out_when_null()});
  return described;
}
template <>
const Entity& entity_of<KeptResult>() {
  static const auto described = entity<KeptResult>(
      {.name = "ActionResult"},
      {field<&KeptResult::url>("url").left_out_when_null().means("Of what was made; more stands beside it")});
  return described;
}
template <>
const Entity& entity_of<KeptError>() {
  static const auto described = entity<KeptError>(
      {.name = "ActionError"},
      {field<&KeptError::code>("code").like("unavailable"), field<&KeptError::message>("message")});
  return described;
}

}  // namespace linnet::record

// The order is that of its JSON.
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::Attempt>() {
  using linnet::act::Attempt;
  static const Entity described = entity<Attempt>(
      {.name = "Attempt",
       .table = "action_attempts",
       .care = {.person = OfPerson::in_code, .condition = "act/erased_actions.cpp", .kept_for = "actions"}},
      {
          field<&Attempt::id>("id").key(),
          field<&Attempt::run_id>("run_id").fixed(),
          field<&Attempt::step>("step").fixed(),
          field<&Attempt::platform>("platform").fixed(),
          field<&Attempt::type>("action_type").fixed(),
          field<&Attempt::account>("account_id").fixed(),
          field<&Attempt::target_type>("target_type").fixed(),
          field<&Attempt::target_id>("target_id"),
          field<&Attempt::target_name>("target_name").or_null(),
          field<&Attempt::target_user_id>("target_user_id").or_null().hidden(),
          field<&Attempt::input>("input").shown_by<&linnet::act::input_without_seal>().shaped_as<KeptInput>(),
          field<&Attempt::text_hash>("text_hash").or_null().hidden(),
          field<&Attempt::status>("status").fixed(),  // see change_status
          field<&Attempt::hold>("waits_for").in_column("hold").or_null_in_json(),
          field<&Attempt::due_at>("due_at"),
          field<&Attempt::planned_at>("planned_at").fixed(),
          field<&Attempt::expires_at>("expires_at").fixed(),
          field<&Attempt::is_late_reported>("is_late").in_column("late_reported"),
          field<&Attempt::tries>("tries"),
          field<&Attempt::looks>("looks").hidden(),
          field<&Attempt::result>("result").json().or_null().shaped_as<KeptResult>(),
          field<&Attempt::error>("error").json().or_null().shaped_as<KeptError>(),
          field<&Attempt::result_id>("result_id").or_null(),
          field<&Attempt::superseded_at>("superseded_at").fixed(),
          field<&Attempt::approved_by>("approved_by").or_null(),
          field<&Attempt::by_hand>("by_hand").fixed(),
          field<&Attempt::depends_on>("depends_on").or_null().fixed(),
          field<&Attempt::requested_by>("requested_by").fixed(),
          field<&Attempt::request_key>("request_key").or_null().fixed().hidden(),
          field<&Attempt::request_hash>("request_hash").or_null().fixed().hidden(),
          field<&Attempt::worker>("worker").or_null().hidden(),
          field<&Attempt::attempted_at>("attempted_at").fixed(),
          field<&Attempt::sent_at>("sent_at"),
          field<&Attempt::last_sent_at>("last_sent_at").hidden(),
          field<&Attempt::last_ended_at>("last_ended_at").hidden(),
          field<&Attempt::retry_at>("retry_at").hidden(),
          field<&Attempt::completed_at>("completed_at"),
          field<&Attempt::duration_ms>("duration_ms"),
          field<&Attempt::verify_at>("verify_at"),
          field<&Attempt::verification_id>("verification_id").or_null().fixed(),
          field<&Attempt::is_verified>("verified")
              .worked_out(
                  R"((SELECT v.verified FROM verification_results v WHERE v.id =
                       action_attempts.verification_id))"),
          field<&Attempt::confidence>("confidence")
              .worked_out(
                  R"((SELECT v.confidence FROM verification_results v WHERE v.id =
                       action_attempts.verification_id))"),
      });
  return described;
}
