// What is kept of a person: handed out, or erased.
#include "act/person_erasure.hpp"
#include "act/person_record.hpp"
#include "analyze/tag_activity.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "base/json_fields.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

Answer record(const Call& call) {
  const auto& given = call.api.dependencies;
  const auto now = given.clock.now();
  LINNET_TRY(auto reader, given.database.reader());
  LINNET_TRY(const auto person, act::find_person(*reader, Parameters(call.request).text("address")));
  LINNET_TRY(auto found, act::person_record(*reader, *given.box, person, now));
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) {
    return act::audit_export(connection, person, call.who.name, now);
  }));
  return found;
}

json::object to_json(const act::PersonErasure& erasure) {
  const auto& observed = erasure.observed;
  return {{"posts", observed.posts},        {"versions", observed.versions}, {"boosts", observed.boosts},
          {"replies", observed.replies},    {"mentions", observed.mentions}, {"events", observed.events},
          {"messages", erasure.messages},   {"actions", erasure.actions},    {"cancelled", erasure.cancelled},
          {"under_way", erasure.under_way}, {"consents", erasure.consents},  {"blocks", erasure.blocks},
          {"summaries", erasure.summaries}};
}

Answer preview(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto person, act::find_person_to_erase(*reader, Parameters(call.request).text("address")));
  LINNET_TRY(const auto found, act::count_person(*reader, person));
  return to_json(found);
}

Result<json::object> run_erasure(Api& api, const observe::Person& person, const std::string& actor) {
  const auto& given = api.dependencies;
  act::PersonErasure erased;
  const auto work = [&]() -> Status {
    LINNET_TRY(erased,
               act::erase_person(given.database, given.writer, given.clock, *given.blocklist, person, actor));
    return {};
  };
  LINNET_CHECK(given.ingest != nullptr ? given.ingest->while_paused(work) : work());
  if (auto* const activity = given.tag_activity; activity != nullptr) activity->forget();
  return to_json(erased);
}

// {"address": …, "confirm": the same again}
Answer erase(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  JsonFields fields(object);
  std::string address;
  std::string confirm;
  LINNET_CHECK(fields.text("address", address));
  LINNET_CHECK(fields.text("confirm", confirm));
  LINNET_CHECK(fields.nothing_else());
  if (confirm != address)
    return invalid("confirm: expected the address once more, for an erasure cannot be undone");
  auto& api = call.api;
  std::optional<observe::Person> person;
  {
    LINNET_TRY(auto reader, api.dependencies.database.reader());
    LINNET_TRY(person, act::find_person_to_erase(*reader, address));
  }
  LINNET_TRY(const auto id,
             api.jobs->start("erase", [&api, person = *person, actor = call.who.name](const Jobs::Progress&) {
               return run_erasure(api, person, actor);
             }));
  return json::object{{"job", id}};
}

}  // namespace

std::vector<Route> person_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      {Permission::erase,
       Method::get,
       "/api/v1/persons/record",
       "Everything that is kept of a person, for them to have",
       {"address"},
       record,
       200,
       kLive},
      {Permission::erase,
       Method::get,
       "/api/v1/persons/erasure",
       "What erasing a person would take away",
       {"address"},
       preview,
       200,
       kLive},
      {Permission::erase,
       Method::post,
       "/api/v1/persons/erase",
       "Erase a person from the log, the tables, messages and actions; answers with a job",
       {},
       erase,
       202,
       kLive},
  };
}

}  // namespace linnet::api
