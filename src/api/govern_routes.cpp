// The audit trail, the blocklist, consent.
#include <fmt/format.h>

#include "act/block_check.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/json_fields.hpp"
#include "govern/audit.hpp"
#include "govern/blocklist_csv.hpp"
#include "govern/consent.hpp"
#include "model/platform.hpp"
#include "net/url.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

Answer audit(const Call& call) {
  const Parameters given(call.request);
  govern::AuditQuery query;
  query.run_id = given.text("run");
  query.account_id = given.text("account");
  query.target_id = given.text("target");
  LINNET_TRY(query.since, given.time("since"));
  LINNET_TRY(query.until, given.time("until"));
  LINNET_TRY(query.limit, given.integer("limit", 50, 1, 1'000));
  if (!given.text("cursor").empty()) {
    LINNET_TRY(query.before, given.integer("cursor", 0, 1, INT64_MAX));
  }
  if (const auto event = given.text("event"); !event.empty()) {
    query.event = govern::parse_audit_event(event);
    if (!query.event)
      return invalid("event: expected action_attempt, action_complete, verification, policy_block …");
  }
  if (const auto outcome = given.text("outcome"); !outcome.empty()) {
    query.outcome = govern::parse_audit_outcome(outcome);
    if (!query.outcome) return invalid("outcome: expected success, failure, skipped or pending");
  }
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto entries, govern::list_audit(*reader, query));
  json::array items;
  for (const auto& entry : entries) items.push_back(to_json(entry));
  json::value next;
  if (static_cast<std::int64_t>(entries.size()) == query.limit) next = std::to_string(entries.back().number);
  return json::object{{"items", std::move(items)}, {"next", next}};
}

Answer verify(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto verdict, govern::verify_audit(*reader, Parameters(call.request).text("head")));
  return json::object{{"is_whole", verdict.is_whole},   {"rows", verdict.rows},
                      {"first_bad", verdict.first_bad}, {"problem", verdict.problem},
                      {"head", verdict.head},           {"removed", verdict.removed}};
}

json::object entry_json(const govern::BlocklistEntry& entry) {
  return {{"id", entry.id},
          {"entry_type", to_string(entry.type)},
          {"platform", entry.platform.empty() ? json::value() : json::value(entry.platform)},
          {"value", entry.value},
          {"server_id", entry.server.empty() ? json::value() : json::value(entry.server)},
          {"address", entry.address.empty() ? json::value() : json::value(entry.address)},
          {"match_type", to_string(entry.match)},
          {"reason", entry.reason},
          {"added_by", to_string(entry.added_by)},
          {"added_by_user", entry.added_by_user},
          {"created_at", to_iso8601(entry.created_at)},
          {"expires_at", entry.expires_at ? json::value(to_iso8601(*entry.expires_at)) : json::value()}};
}

Answer blocklist(const Call& call) {
  const Parameters given(call.request);
  govern::BlocklistQuery query;
  query.text = given.text("query");
  query.after = given.text("cursor");
  LINNET_TRY(query.limit, given.integer("limit", 100, 1, 1'000));
  if (const auto type = given.text("type"); !type.empty()) {
    query.type = govern::parse_entry_type(type);
    if (!query.type) return invalid("type: expected user, post, keyword or domain");
  }
  if (const auto by = given.text("added_by"); !by.empty()) {
    query.added_by = govern::parse_added_by(by);
    if (!query.added_by) return invalid("added_by: expected user, system or opt_out");
  }
  LINNET_TRY(const auto entries, call.api.dependencies.blocklist->list(query));
  json::array items;
  for (const auto& entry : entries) items.push_back(entry_json(entry));
  json::value next;
  if (static_cast<std::int64_t>(entries.size()) == query.limit) next = entries.back().id;
  return json::object{{"items", std::move(items)}, {"next", next}};
}

// {"entry_type": …, "value": …, "match_type": …, "platform": …, "reason": …, "expires_at": …}
Answer add_block(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  govern::BlocklistEntry entry;
  std::string type;
  std::string match = "exact";
  LINNET_CHECK(fields.text("entry_type", type));
  LINNET_CHECK(fields.text("match_type", match));
  LINNET_CHECK(fields.text("value", entry.value));
  LINNET_CHECK(fields.text("platform", entry.platform));
  LINNET_CHECK(fields.text("reason", entry.reason));
  LINNET_CHECK(fields.time("expires_at", entry.expires_at));
  LINNET_CHECK(fields.nothing_else());
  const auto parsed_type = govern::parse_entry_type(type);
  const auto parsed_match = govern::parse_match_type(match);
  if (!parsed_type) return invalid("entry_type: expected user, post, keyword or domain");
  if (!parsed_match) return invalid("match_type: expected exact, contains or regex");
  entry.type = *parsed_type;
  entry.match = *parsed_match;
  entry.added_by_user = call.who.name;
  LINNET_TRY(const auto added, call.api.dependencies.blocklist->add(std::move(entry)));
  return entry_json(added);
}

Answer remove_block(const Call& call) {
  LINNET_CHECK(call.api.dependencies.blocklist->remove(call.path[0], call.who.name));
  return json::object{{"removed", true}};
}

// "example.social" of "https://example.social".
Result<std::string> read_host(const std::string& server) {
  const auto origin = net::normalise_instance_url(server);
  if (!origin)
    return invalid(fmt::format("server: expected the address of a server such as example.social, got \"{}\"",
                               server.substr(0, 60)));
  LINNET_TRY(const auto url, net::parse_url(*origin));
  return url.host;
}

// What people give for a person is an address, or an id of one server or of all.
void put_person(const std::string& given, act::BlockQuestion& question) {
  const bool is_number = !given.empty() && given.find_first_not_of("0123456789") == std::string::npos;
  const bool is_id = is_number || given.starts_with("did:");
  const bool is_address = given.find('@') != std::string::npos;
  if (!is_address) question.user_id = given;
  if (!is_id) question.user_name = given;
}

// {"platform": …, "server": …, "user": …, "bio": …, "post": …, "text": …, "links": […]}: every entry that
// fits, and what the gate would say.
Answer test_block(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  act::BlockQuestion question;
  question.platform = "mastodon";
  std::string user;
  std::string text;
  LINNET_CHECK(fields.text("platform", question.platform));
  LINNET_CHECK(fields.text("server", question.server));
  LINNET_CHECK(fields.text("user", user));
  LINNET_CHECK(fields.text("bio", question.user_bio));
  LINNET_CHECK(fields.text("post", question.post_id));
  LINNET_CHECK(fields.text("text", text));
  LINNET_CHECK(fields.texts("links", question.links));
  LINNET_CHECK(fields.nothing_else());
  LINNET_TRY(question.platform, model::read_platform("platform", question.platform, ", the one to look at"));
  if (!question.server.empty()) {
    LINNET_TRY(question.server, read_host(question.server));
  }
  if (govern::has_global_ids(question.platform)) question.server.clear();
  put_person(user, question);
  question.texts.push_back(text);
  auto& list = *call.api.dependencies.blocklist;
  LINNET_TRY(const auto entries, list.check_all(act::subject_of(question)));
  json::array items;
  for (const auto& entry : entries) items.push_back(entry_json(entry));
  LINNET_TRY(const auto hit, list.check(act::subject_of(question), question.user_bio));
  json::value verdict;
  if (hit) {
    verdict = json::object{{"reason", hit->reason},
                           {"is_opt_out", hit->is_opt_out},
                           {"entry_id", hit->entry_id.empty() ? json::value() : json::value(hit->entry_id)}};
  }
  return json::object{{"items", std::move(items)}, {"next", nullptr}, {"hit", std::move(verdict)}};
}

// As a file that Mastodon reads; opt-outs stay here.
Answer export_blocks(const Call& call) {
  const auto kind = Parameters(call.request).text("kind");
  if (kind != "domains" && kind != "users")
    return invalid(fmt::format("kind: expected domains or users, got \"{}\"", kind.substr(0, 40)));
  LINNET_TRY(const auto entries, call.api.dependencies.blocklist->all());
  call.headers.add("Content-Disposition", fmt::format("attachment; filename=\"linnet-{}.csv\"", kind));
  return json::value(kind == "domains" ? govern::domains_to_csv(entries) : govern::users_to_csv(entries));
}

// {"csv": …, "reason": …, "with_silenced": false}
Answer import_blocks(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  std::string csv;
  std::string reason = "imported";
  bool with_silenced = false;
  LINNET_CHECK(fields.flag("with_silenced", with_silenced));
  LINNET_CHECK(fields.text("csv", csv));
  LINNET_CHECK(fields.text("reason", reason));
  LINNET_CHECK(fields.nothing_else());
  govern::BlocklistEntry like;
  like.reason = reason;
  like.added_by_user = call.who.name;
  const auto& given = call.api.dependencies;
  const auto silenced = with_silenced ? govern::Silenced::blocked : govern::Silenced::left_out;
  LINNET_TRY(const auto import, govern::read_blocklist_csv(csv, like, silenced, given.clock.now()));
  LINNET_TRY(const auto added, given.blocklist->add_all(import.entries));
  json::array problems;
  for (const auto& problem : import.problems)
    problems.push_back(json::object{{"line", problem.line}, {"problem", problem.what}});
  return json::object{
      {"added", added}, {"there_already", import.entries.size() - added}, {"problems", std::move(problems)}};
}

json::object consent_json(const govern::Consent& consent) {
  return {{"id", consent.id},
          {"user_id", consent.user_id},
          {"consent_type", consent.type},
          {"platform", consent.platform},
          {"granted_at", to_iso8601(consent.granted_at)},
          {"revoked_at", consent.revoked_at ? json::value(to_iso8601(*consent.revoked_at)) : json::value()},
          {"server_id", consent.server_id.empty() ? json::value() : json::value(consent.server_id)},
          {"address", consent.address.empty() ? json::value() : json::value(consent.address)},
          {"evidence", consent.evidence}};
}

Answer consents(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto all, govern::list_consents(*reader, Parameters(call.request).text("user_id")));
  json::array items;
  for (const auto& consent : all) items.push_back(consent_json(consent));
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

// {"user_id": an id or an address, "platform": …, "server_id": the instance whose id it is, …}
Result<govern::Consent> read_consent(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  govern::Consent consent;
  consent.type = "dm_read";
  consent.platform = "mastodon";
  LINNET_CHECK(fields.text("user_id", consent.user_id));
  LINNET_CHECK(fields.text("consent_type", consent.type));
  LINNET_CHECK(fields.text("platform", consent.platform));
  LINNET_CHECK(fields.text("server_id", consent.server_id));
  LINNET_CHECK(fields.text("evidence", consent.evidence));
  LINNET_CHECK(fields.nothing_else());
  return consent;
}

Answer grant(const Call& call) {
  LINNET_TRY(auto consent, read_consent(call));
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(consent, govern::grant_consent(connection, consent, call.who.name, given.clock.now()));
    return {};
  }));
  return consent_json(consent);
}

Answer revoke(const Call& call) {
  LINNET_TRY(const auto consent, read_consent(call));
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) {
    return govern::revoke_consent(connection, {consent.platform, consent.server_id, consent.user_id, ""},
                                  consent.type, call.who.name, given.clock.now());
  }));
  return json::object{{"revoked", true}};
}

// {"platform": …, "user_id": an id or an address, "server_id": …}
Answer opt_out(const Call& call) {
  LINNET_TRY(const auto consent, read_consent(call));
  LINNET_TRY(const auto cancelled,
             call.api.dependencies.blocklist->opt_out(
                 {consent.platform, consent.server_id, consent.user_id, ""}, "asked for it", call.who.name));
  return json::object{{"cancelled", cancelled}};
}

// {"platform": …, "user_id": …, "server_id": …, "evidence": where they said so}
Answer take_back_opt_out(const Call& call) {
  LINNET_TRY(const auto consent, read_consent(call));
  LINNET_CHECK(call.api.dependencies.blocklist->take_back_opt_out(
      {consent.platform, consent.server_id, consent.user_id, ""}, consent.evidence, call.who.name));
  return json::object{{"taken_back", true}};
}

}  // namespace

std::vector<Route> govern_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      {Permission::audit,
       Method::get,
       "/api/v1/audit",
       "What was done, newest first",
       {"run", "account", "target", "event", "outcome", "since", "until", "limit", "cursor"},
       audit,
       200,
       kLive},
      {Permission::audit,
       Method::get,
       "/api/v1/audit/verify",
       "Whether every row is as it was written",
       {"head"},
       verify,
       200,
       kLive},
      {Permission::read,
       Method::get,
       "/api/v1/blocklist",
       "Whom and what Linnet never deals with",
       {"query", "type", "added_by", "limit", "cursor"},
       blocklist,
       200,
       kLive},
      {Permission::rules, Method::post, "/api/v1/blocklist", "Add an entry", {}, add_block, 201, kLive},
      {Permission::rules,
       Method::post,
       "/api/v1/blocklist/import",
       "Mastodon's CSV",
       {},
       import_blocks,
       200,
       kLive},
      {Permission::read,
       Method::get,
       "/api/v1/blocklist/export",
       "Its domains or users as Mastodon's CSV; opt-outs are left out",
       {"kind"},
       export_blocks,
       200,
       kLive,
       "text/csv"},
      {Permission::read,
       Method::post,
       "/api/v1/blocklist/test",
       "What would stand against it",
       {},
       test_block,
       200,
       kLive},
      {Permission::rules,
       Method::post,
       "/api/v1/blocklist/{id}/remove",
       "Take an entry away",
       {},
       remove_block,
       200,
       kLive},
      {Permission::consent,
       Method::get,
       "/api/v1/consents",
       "What people agreed to",
       {"user_id"},
       consents,
       200,
       kLive},
      {Permission::consent, Method::post, "/api/v1/consents", "Write down a consent", {}, grant, 201, kLive},
      {Permission::consent,
       Method::post,
       "/api/v1/consents/revoke",
       "It is taken back",
       {},
       revoke,
       200,
       kLive},
      {Permission::consent,
       Method::post,
       "/api/v1/opt-outs",
       "A person wants nothing more to do with Linnet",
       {},
       opt_out,
       201,
       kLive},
      {Permission::consent,
       Method::post,
       "/api/v1/opt-outs/taken-back",
       "A person takes their opt-out back, and said so",
       {},
       take_back_opt_out,
       200,
       kLive},
  };
}

}  // namespace linnet::api
