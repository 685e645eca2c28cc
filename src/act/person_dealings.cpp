#include "act/person_dealings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "act/person_conditions.hpp"
#include "act/person_rows.hpp"
#include "base/json_members.hpp"
#include "govern/blocklist_entry.hpp"
#include "govern/consent.hpp"
#include "llm/calls.hpp"
#include "store/record/sql.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;
using observe::PersonAccount;
using record::column;
using record::Json;
using record::Number;
using record::Text;
using record::Time;
using record::Truth;

}  // namespace

Status Dealings::add(const PersonAccount& account) {
  LINNET_TRY(const auto server, govern::host_of_instance(connection_, account.instance));
  const auto key = govern::person_key(account.platform, server, account.id, account.acct);
  LINNET_CHECK(add_actions(account));
  LINNET_TRY(const auto rows, PersonRows::of(connection_, account));
  const auto theirs = [&](const record::Entity& table, json::array& into) -> Status {
    json::array found;
    LINNET_CHECK(rows.list(table, found));
    take(std::move(found), into);
    return {};
  };
  LINNET_CHECK(theirs(record::entity_of<govern::Consent>(), consents));
  LINNET_CHECK(theirs(record::entity_of<govern::BlocklistEntry>(), blocklist));
  LINNET_CHECK(add_model_calls(rows));
  return add_audit(account, key);
}

// What was asked of a language model about them, and answered: the words as well where they are nobody
// else's.
Status Dealings::add_model_calls(const PersonRows& rows) {
  json::array found;
  LINNET_CHECK(rows.list(record::entity_of<llm::Call>(), found));
  for (auto& item : found) {
    auto& call = item.as_object();
    const auto id = text_in(call, "id");
    LINNET_TRY(const auto people,
               store::query_integer(connection_, "SELECT count(*) FROM llm_call_people WHERE call_id = $1",
                                    {std::string_view(id)}));
    const bool is_theirs_alone = people == 1;
    const auto texts = is_theirs_alone ? llm::texts_of_call(connection_, id, box_)
                                       : Result<llm::CallTexts>(llm::CallTexts());
    call["asked"] = texts && !texts->sent.empty() ? json::value(texts->sent) : json::value();
    call["answer"] = texts && !texts->answer.empty() ? json::value(texts->answer) : json::value();
    if (!texts) call["text_error"] = "cannot be read: it is damaged, or sealed with another key";
    call["holds_words_of_others"] = !is_theirs_alone;
  }
  take(std::move(found), language_models);
  return {};
}

void Dealings::take(json::array found, json::array& into) {
  for (auto& item : found) {
    if (taken_.insert(json::serialize(item)).second) into.push_back(std::move(item));
  }
}

Status Dealings::add_actions(const PersonAccount& account) {
  LINNET_TRY(const auto names, govern::reached_names(connection_, account));
  json::array found;
  LINNET_CHECK(record::list_json(
      connection_,
      {.table = "action_attempts",
       .fields = {column<Text>("id"), column<Text>("run_id"), column<Text>("platform"),
                  column<Text>("account_id"), column<Text>("action_type"), column<Text>("target_type"),
                  column<Text>("target_id"), column<Text>("target_name"), column<Text>("status"),
                  column<Json>("input"), column<Json>("result"), column<Json>("error"),
                  column<Text>("result_id"), column<Time>("attempted_at"), column<Time>("planned_at"),
                  column<Time>("completed_at")}},
      fmt::format("{} ORDER BY planned_at, id", actions_on_person(connection_.engine())),
      {account.instance.value(), std::string_view(account.id), std::string_view(names)}, found));
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
  const auto sealed = input == nullptr ? std::string() : text_in(*input, "textEncrypted");
  if (sealed.empty()) return;
  input->erase("textEncrypted");
  (*input)["text"] = nullptr;
  if (sealed == "[REDACTED]") return;
  const auto text = box_.unseal(sealed, text_in(action, "id"));
  if (text) (*input)["text"] = *text;
  if (!text) (*input)["text_error"] = "cannot be read: it is damaged, or sealed with another key";
}

Status Dealings::add_parts(json::object& action) {
  const auto id = text_in(action, "id");
  json::array approvals;
  LINNET_CHECK(record::list_json(
      connection_,
      {.table = "approvals",
       .fields = {column<Text>("reason"), column<Json>("context"), column<Text>("state"),
                  column<Time>("created_at"), column<Time>("decided_at"), column<Text>("comment")}},
      "attempt_id = $1 ORDER BY created_at, id", {std::string_view(id)}, approvals));
  json::array evidence;
  LINNET_CHECK(record::list_json(connection_,
                                 {.table = "verification_results",
                                  .fields = {column<Truth>("verified"), column<Text>("method"),
                                             column<Json>("details"), column<Time>("verified_at")}},
                                 "action_attempt_id = $1 ORDER BY verified_at, id", {std::string_view(id)},
                                 evidence));
  json::array files;
  LINNET_CHECK(record::list_json(
      connection_,
      {.table = "action_media",
       .fields = {column<Text>("name"), column<Text>("media_type"), column<Text>("alt_text")}},
      "attempt_id = $1 ORDER BY position", {std::string_view(id)}, files));
  action["approvals"] = std::move(approvals);
  action["evidence"] = std::move(evidence);
  action["files"] = std::move(files);
  return {};
}

namespace {

Status list_audit(store::Connection& connection, std::string_view condition,
                  std::initializer_list<store::Value> values, json::array& into) {
  return record::list_json(
      connection,
      {.table = "audit_entries",
       .fields = {column<Number>("number"), column<Text>("event_type"), column<Text>("outcome"),
                  column<Text>("target_type"), column<Text>("target_id"), column<Time>("timestamp"),
                  column<Json>("details")}},
      fmt::format("{} ORDER BY number", condition), values, into);
}

}  // namespace

// What was noted of an action names its post or conversation, not the person.
Status Dealings::add_audit_of_action(const json::object& action) {
  const auto run = text_in(action, "run_id");
  const auto of_action = fmt::format("%\"action\":\"{}\"%", text_in(action, "id"));
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
                          R"(target_type = 'user' AND target_id = $1 AND COALESCE(platform, $2) = $2
                               AND (account_id IN (SELECT id FROM accounts WHERE instance_id = $3)
                               OR (account_id IS NULL AND details LIKE $4)))",
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
