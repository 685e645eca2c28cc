#include "act/erased_actions.hpp"

#include "govern/pending_actions.hpp"
#include "observe/erasure_leftovers.hpp"

namespace linnet::act {
namespace {

Status finish(store::Connection& connection, const std::string& attempt, Instant now) {
  // Found not to have gone out: it goes no more.
  LINNET_CHECK(
      govern::cancel_pending_action(connection, attempt, {"erased", "the person was erased", "linnet"}, now));
  LINNET_TRY(const auto status,
             store::query_text(connection, "SELECT status FROM action_attempts WHERE id = $1",
                               {std::string_view(attempt)}));
  if (status == "in_progress" || status == "unknown") return {};
  LINNET_CHECK(blank_action(connection, attempt));
  return observe::forget_action(connection, attempt);
}

}  // namespace

Status blank_action(store::Connection& connection, const std::string& attempt) {
  for (const auto* const sql :
       {"UPDATE dm_messages SET action_attempt_id = NULL WHERE action_attempt_id = $1",
        "UPDATE approvals SET context = '{}', comment = NULL WHERE attempt_id = $1",
        "UPDATE verification_results SET details = '{}' WHERE action_attempt_id = $1",
        "DELETE FROM action_media WHERE attempt_id = $1",
        R"(UPDATE action_attempts
           SET target_id = 'erased', target_name = NULL, target_user_id = NULL, input = '{}',
             text_hash = NULL, result = NULL, error = NULL, guard_open = NULL, guard_done = NULL,
             request_hash = NULL, verify_at = NULL WHERE id = $1)"})
    LINNET_CHECK(store::run(connection, sql, {std::string_view(attempt)}));
  return {};
}

Status finish_erased_actions(store::Database& database, store::Writer& writer, Instant now) {
  std::vector<std::string> left;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(left, observe::read_left_actions(*reader));
  }
  for (const auto& attempt : left)
    LINNET_CHECK(
        writer.write([&](store::Connection& connection) { return finish(connection, attempt, now); }));
  return {};
}

}  // namespace linnet::act
