// The audit trail, the blocklist, consent.
#include <fmt/format.h>

#include "act/block_check.hpp"
#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "base/json_fields.hpp"
#include "connect/every_platform.hpp"
#include "govern/audit.hpp"
#include "govern/blocklist_csv.hpp"
#include "govern/consent.hpp"
#include "model/platform.hpp"
#include "net/url.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

Result<Page<govern::AuditEntry>> audit(const Call& call) {
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
  Page<govern::AuditEntry> page;
  LINNET_TRY(page.items, govern::list_audit(*reader, query));
  if (static_cast<std::int64_t>(page.items.size()) == query.limit)
    page.next = std::to_string(page.items.back().number);
  return page;
}

Result<govern::AuditVerdict> verify(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return govern::verify_audit(*reader, Parameters(call.request).text("head"));
}

Result<Page<govern::BlocklistEntry>> blocklist(const Call& call) {
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
  Page<govern::BlocklistEntry> page;
  LINNET_TRY(page.items, call.api.dependencies.blocklist->list(query));
  if (static_cast<std::int64_t>(page.items.size()) == query.limit) page.next = page.items.back().id;
  return page;
}

struct NewBlock {
  govern::EntryType type{};
  govern::MatchType match = govern::MatchType::exact;
  std::string value;
  std::string platform;
  std::string reason;
  std::optional<Instant> expires_at;
};
Result<govern::BlocklistEntry> add_block(const Call& call, const NewBlock& wanted) {
  govern::BlocklistEntry entry;
  entry.type = wanted.type;
  entry.match = wanted.match;
  entry.value = wanted.value;
  entry.platform = wanted.platform;
  entry.reason = wanted.reason;
  entry.expires_at = wanted.expires_at;
  entry.added_by_user = call.who.name;
  return call.api.dependencies.blocklist->add(std::move(entry));
}

Result<Removed> remove_block(const Call& call) {
  LINNET_CHECK(call.api.dependencies.blocklist->remove(call.path[0], call.who.name));
  return Removed();
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
  question.platform = connect::default_platform().name;
  std::string user;
  std::string text;
  LINNET_CHECK(fields.text("platform", question.platform));
  LINNET_CHECK(fields.text("server", question.server));
  LINNET_CHECK(fields.text("user", user));
  LINNET_CHECK(fields.text("bio", question.user_bio, kLongestPost));
  LINNET_CHECK(fields.text("post", question.post_id));
  LINNET_CHECK(fields.text("text", text, kLongestPost));
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
  for (const auto& entry : entries) items.push_back(record::to_json(entry));
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

// {"csv": …, "reason": …, "with_silenced": false, "accounts": false}
Answer import_blocks(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  std::string csv;
  std::string reason = "imported";
  bool with_silenced = false;
  bool with_accounts = false;
  LINNET_CHECK(fields.flag("with_silenced", with_silenced));
  LINNET_CHECK(fields.flag("accounts", with_accounts));
  LINNET_CHECK(fields.text("csv", csv, kLargeBody));
  LINNET_CHECK(fields.text("reason", reason, kLongestReason));
  LINNET_CHECK(fields.nothing_else());
  govern::BlocklistEntry like;
  like.reason = reason;
  like.added_by_user = call.who.name;
  const auto& given = call.api.dependencies;
  const auto silenced = with_silenced ? govern::Silenced::blocked : govern::Silenced::left_out;
  const auto accounts = with_accounts ? govern::AccountLists::blocked : govern::AccountLists::refused;
  const auto import = govern::read_blocklist(csv, like, silenced, given.clock.now(), accounts);
  if (!import) return invalid(fmt::format("csv: {}", import.error().safe));
  LINNET_TRY(const auto added, given.blocklist->add_all(import->entries));
  json::array problems;
  for (const auto& problem : import->problems)
    problems.push_back(json::object{{"line", problem.line}, {"problem", problem.what}});
  return json::object{
      {"added", added}, {"there_already", import->entries.size() - added}, {"problems", std::move(problems)}};
}

Result<Page<govern::Consent>> consents(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto all, govern::list_consents(*reader, Parameters(call.request).text("user_id")));
  return Page<govern::Consent>{std::move(all)};
}

// What a person agrees to, refuses or takes back.
struct PersonsWord {
  std::string user_id;
  std::string consent_type = "dm_read";
  std::string platform = std::string(connect::default_platform().name);
  std::string server_id;
  std::string evidence;

  [[nodiscard]] govern::PersonKey key() const { return {platform, server_id, user_id, ""}; }
};

Result<govern::Consent> grant(const Call& call, const PersonsWord& word) {
  govern::Consent consent;
  consent.user_id = word.user_id;
  consent.type = word.consent_type;
  consent.platform = word.platform;
  consent.server_id = word.server_id;
  consent.evidence = word.evidence;
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(consent, govern::grant_consent(connection, consent, call.who.name, given.clock.now()));
    return {};
  }));
  return consent;
}

Result<Revoked> revoke(const Call& call, const PersonsWord& word) {
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) {
    return govern::revoke_consent(connection, word.key(), word.consent_type, call.who.name,
                                  given.clock.now());
  }));
  return Revoked();
}

Result<Cancelled> opt_out(const Call& call, const PersonsWord& word) {
  LINNET_TRY(const auto cancelled,
             call.api.dependencies.blocklist->opt_out(word.key(), "asked for it", call.who.name));
  return Cancelled{static_cast<std::int64_t>(cancelled)};
}

Result<TakenBack> take_back_opt_out(const Call& call, const PersonsWord& word) {
  LINNET_CHECK(call.api.dependencies.blocklist->take_back_opt_out(word.key(), word.evidence, call.who.name));
  return TakenBack();
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<NewBlock>() {
  static const auto described =
      entity<NewBlock>({.name = "NewBlock"},
                       {field<&NewBlock::type>("entry_type").required(),
                        field<&NewBlock::match>("match_type"), field<&NewBlock::value>("value").required(),
                        field<&NewBlock::platform>("platform").means("Absent: all"),
                        field<&NewBlock::reason>("reason").required().at_most(kLongestReason),
                        field<&NewBlock::expires_at>("expires_at")});
  return described;
}
template <>
const Entity& entity_of<PersonsWord>() {
  static const auto described = entity<PersonsWord>(
      {.name = "PersonsWord"},
      {field<&PersonsWord::user_id>("user_id").required().means("An id or an address"),
       field<&PersonsWord::consent_type>("consent_type"), field<&PersonsWord::platform>("platform"),
       field<&PersonsWord::server_id>("server_id").means("The server whose id it is"),
       field<&PersonsWord::evidence>("evidence").at_most(kLongestReason).means("Where they said so")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> govern_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      typed({Permission::audit,
             Method::get,
             "/api/v1/audit",
             "What was done, newest first",
             {"run", "account", "target", "event", "outcome", "since", "until", "limit", "cursor"},
             {},
             200,
             kLive},
            audit),
      typed({Permission::audit,
             Method::get,
             "/api/v1/audit/verify",
             "Whether every row is as it was written",
             {"head"},
             {},
             200,
             kLive},
            verify),
      typed({Permission::read,
             Method::get,
             "/api/v1/blocklist",
             "Whom and what Linnet never deals with",
             {"query", "type", "added_by", "limit", "cursor"},
             {},
             200,
             kLive},
            blocklist),
      typed({Permission::rules, Method::post, "/api/v1/blocklist", "Add an entry", {}, {}, 201, kLive},
            add_block),
      {Permission::rules,
       Method::post,
       "/api/v1/blocklist/import",
       "Mastodon's CSV",
       {},
       import_blocks,
       200,
       kLive,
       "application/json",
       {},
       kLargeBody},
      {Permission::read,
       Method::get,
       "/api/v1/blocklist/export",
       "Its domains or users as Mastodon's CSV; opt-outs are left out",
       {"kind"},
       export_blocks,
       200,
       kLive,
       "text/csv"},
      answers<Page<govern::BlocklistEntry>>({Permission::read,
                                             Method::post,
                                             "/api/v1/blocklist/test",
                                             "What would stand against it",
                                             {},
                                             test_block,
                                             200,
                                             kLive}),
      typed({Permission::rules,
             Method::post,
             "/api/v1/blocklist/{id}/remove",
             "Take an entry away",
             {},
             {},
             200,
             kLive},
            remove_block),
      typed({Permission::consent,
             Method::get,
             "/api/v1/consents",
             "What people agreed to",
             {"user_id"},
             {},
             200,
             kLive},
            consents),
      typed(
          {Permission::consent, Method::post, "/api/v1/consents", "Write down a consent", {}, {}, 201, kLive},
          grant),
      typed({Permission::consent,
             Method::post,
             "/api/v1/consents/revoke",
             "It is taken back",
             {},
             {},
             200,
             kLive},
            revoke),
      typed({Permission::consent,
             Method::post,
             "/api/v1/opt-outs",
             "A person wants nothing more to do with Linnet",
             {},
             {},
             201,
             kLive},
            opt_out),
      typed({Permission::consent,
             Method::post,
             "/api/v1/opt-outs/taken-back",
             "A person takes their opt-out back, and said so",
             {},
             {},
             200,
             kLive},
            take_back_opt_out),
  };
}

}  // namespace linnet::api
