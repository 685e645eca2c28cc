#include "act/person_dealings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "act/json_rows.hpp"
#include "act/person_conditions.hpp"
#include "govern/blocklist_forms.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using observe::PersonAccount;

std::string text_of(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(std::string_view(value->as_string()))
                                                : std::string();
}

}  // namespace

Status Dealings::add(const PersonAccount& account) {
  LINNET_TRY(const auto server, govern::host_of_instance(connection_, account.instance));
  const auto key = govern::person_key(account.platform, server, account.id, account.acct);
  LINNET_CHECK(add_actions(account));
  LINNET_CHECK(add_consents(account, key));
  LINNET_CHECK(add_blocks(account, key));
  return add_audit(account, key);
}

void Dealings::take(json::array found, json::array& into) {
  for (auto& item : found) {
    if (taken_.insert(json::serialize(item)).second) into.push_back(std::move(item));
  }
}

Status Dealings::add_actions(const PersonAccount& account) {
  json::array found;
  LINNET_CHECK(list_rows(
      connection_,
      fmt::format(
          "SELECT id, run_id, platform, account_id, action_type, target_type, target_id, target_name, "
          "status, input, result, error, result_id, attempted_at, planned_at, completed_at FROM "
          "action_attempts WHERE {} ORDER BY planned_at, id",
          kActionsOnPerson),
      {account.instance.value(), std::string_view(account.id), std::string_view(account.acct)},
      {{"id", As::text},
       {"run_id", As::text},
       {"platform", As::text},
       {"account_id", As::text},
       {"action_type", As::text},
       {"target_type", As::text},
       {"target_id", As::text},
       {"target_name", As::text},
       {"status", As::text},
       {"input", As::json},
       {"result", As::json},
       {"error", As::json},
       {"result_id", As::text},
       {"attempted_at", As::time},
       {"planned_at", As::time},
       {"completed_at", As::time}},
      found));
  for (auto& action : found) {
    unseal_input(action.as_object());
    LINNET_CHECK(add_parts(action.as_object()));
    LINNET_CHECK(add_audit_of_action(action.as_object()));
  }
  take(std::move(found), actions);
  return {};
}

void Dealings::unseal_input(json::object& action) {
  auto* const input = action["input"].if_object();
  const auto sealed = input == nullptr ? std::string() : text_of(*input, "textEncrypted");
  if (sealed.empty()) return;
  input->erase("textEncrypted");
  (*input)["text"] = nullptr;
  if (sealed == "[REDACTED]") return;
  const auto text = box_.unseal(sealed, text_of(action, "id"));
  if (text) (*input)["text"] = *text;
  if (!text) (*input)["text_error"] = "cannot be read: it is damaged, or sealed with another key";
}

Status Dealings::add_parts(json::object& action) {
  const auto id = text_of(action, "id");
  json::array approvals;
  LINNET_CHECK(
      list_rows(connection_,
                "SELECT reason, context, state, created_at, decided_at, comment FROM approvals WHERE "
                "attempt_id = $1 ORDER BY created_at, id",
                {std::string_view(id)},
                {{"reason", As::text},
                 {"context", As::json},
                 {"state", As::text},
                 {"created_at", As::time},
                 {"decided_at", As::time},
                 {"comment", As::text}},
                approvals));
  json::array evidence;
  LINNET_CHECK(list_rows(
      connection_,
      "SELECT verified, method, details, verified_at FROM verification_results WHERE "
      "action_attempt_id = $1 ORDER BY verified_at, id",
      {std::string_view(id)},
      {{"verified", As::truth}, {"method", As::text}, {"details", As::json}, {"verified_at", As::time}},
      evidence));
  json::array files;
  LINNET_CHECK(list_rows(connection_,
                         "SELECT name, media_type, alt_text FROM action_media WHERE attempt_id = $1 ORDER BY "
                         "position",
                         {std::string_view(id)},
                         {{"name", As::text}, {"media_type", As::text}, {"alt_text", As::text}}, files));
  action["approvals"] = std::move(approvals);
  action["evidence"] = std::move(evidence);
  action["files"] = std::move(files);
  return {};
}

Status Dealings::add_consents(const PersonAccount& account, const govern::PersonKey& key) {
  json::array found;
  LINNET_CHECK(list_rows(
      connection_,
      fmt::format(
          "SELECT id, user_id, address, consent_type, granted_at, revoked_at, server_id, evidence FROM "
          "{} ORDER BY granted_at, id",
          kConsentsOfPerson),
      {std::string_view(account.id), std::string_view(account.platform), std::string_view(key.server),
       std::string_view(key.address)},
      {{"id", As::text},
       {"user_id", As::text},
       {"address", As::text},
       {"consent_type", As::text},
       {"granted_at", As::time},
       {"revoked_at", As::time},
       {"server_id", As::text},
       {"evidence", As::text}},
      found));
  take(std::move(found), consents);
  return {};
}

Status Dealings::add_blocks(const PersonAccount& account, const govern::PersonKey& key) {
  const auto id_form = govern::user_key(account.id);
  const auto name_form = govern::user_key(account.acct);
  json::array found;
  LINNET_CHECK(list_rows(
      connection_,
      fmt::format("SELECT id, entry_type, match_type, value, server, address, reason, added_by, created_at, "
                  "expires_at FROM {} ORDER BY created_at, id",
                  kBlocksOfPerson),
      {std::string_view(account.id), std::string_view(account.acct), std::string_view(account.platform),
       std::string_view(key.server), std::string_view(key.address), std::string_view(id_form),
       std::string_view(name_form)},
      {{"id", As::text},
       {"entry_type", As::text},
       {"match_type", As::text},
       {"value", As::text},
       {"server", As::text},
       {"address", As::text},
       {"reason", As::text},
       {"added_by", As::text},
       {"created_at", As::time},
       {"expires_at", As::time}},
      found));
  take(std::move(found), blocklist);
  return {};
}

namespace {

Status list_audit(store::Connection& connection, std::string_view condition,
                  std::initializer_list<store::Value> values, json::array& into) {
  return list_rows(
      connection,
      fmt::format("SELECT number, event_type, outcome, target_type, target_id, timestamp, details "
                  "FROM audit_entries WHERE {} ORDER BY number",
                  condition),
      values,
      {{"number", As::number},
       {"event_type", As::text},
       {"outcome", As::text},
       {"target_type", As::text},
       {"target_id", As::text},
       {"timestamp", As::time},
       {"details", As::json}},
      into);
}

}  // namespace

// What was noted of an action names its post or conversation, not the person.
Status Dealings::add_audit_of_action(const json::object& action) {
  const auto run = text_of(action, "run_id");
  const auto of_action = fmt::format("%\"action\":\"{}\"%", text_of(action, "id"));
  json::array found;
  LINNET_CHECK(list_audit(connection_, "run_id = $1 AND details LIKE $2",
                          {std::string_view(run), std::string_view(of_action)}, found));
  take(std::move(found), audit);
  return {};
}

Status Dealings::add_audit(const PersonAccount& account, const govern::PersonKey& key) {
  const auto of_server = fmt::format("%\"server\":\"{}\"%", key.server);
  json::array found;
  LINNET_CHECK(list_audit(connection_,
                          "target_type = 'user' AND target_id = $1 AND COALESCE(platform, $2) = $2 AND "
                          "(account_id IN (SELECT id FROM accounts WHERE instance_id = $3) OR (account_id IS "
                          "NULL AND details LIKE $4))",
                          {std::string_view(account.id), std::string_view(account.platform),
                           account.instance.value(), std::string_view(of_server)},
                          found));
  take(std::move(found), audit);
  std::stable_sort(audit.begin(), audit.end(), [](const json::value& one, const json::value& other) {
    return one.at("number").as_int64() < other.at("number").as_int64();
  });
  return {};
}

}  // namespace linnet::act
