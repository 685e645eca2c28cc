// The audit trail and consent.
#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "connect/every_platform.hpp"
#include "govern/audit.hpp"
#include "govern/consent.hpp"

namespace linnet::api {
namespace {

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
const Entity& entity_of<PersonsWord>() {
  static const auto described = entity<PersonsWord>(
      {.name = "PersonsWord",
       .example =
           R"({"user_id":"ada@example.social","consent_type":"dm_read","platform":"mastodon","evidence":"https://example.social/@ada/1154"})"},
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
