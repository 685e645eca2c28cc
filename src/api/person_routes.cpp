// What is kept of a person: handed out, or erased.
#include "act/person_erasure.hpp"
#include "act/person_record.hpp"
#include "api/json_views.hpp"
#include "api/parameters.hpp"
#include "api/sealed_address.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "base/json_fields.hpp"
#include "jobs/job_store.hpp"
#include "store/sealing_key.hpp"

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

Answer preview(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto person, act::find_person_to_erase(*reader, Parameters(call.request).text("address")));
  LINNET_TRY(const auto found, act::count_person(*reader, person));
  return to_json(found);
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
  {
    LINNET_TRY(auto reader, call.api.dependencies.database.reader());
    LINNET_TRY(const auto person, act::find_person_to_erase(*reader, address));
    (void)person;  // there is somebody to erase
  }
  return ask_for_job(call, "erase", {}, [&](store::Connection& connection, jobs::JobId job) -> Status {
    const auto& box = *call.api.dependencies.box;
    LINNET_CHECK(store::refuse_old_key(connection, box));
    LINNET_TRY(const auto input, seal_address(box, job, address));
    return jobs::set_input(connection, job, json::serialize(input));
  });
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
      answers<StartedJob>(
          {Permission::erase,
           Method::post,
           "/api/v1/persons/erase",
           "Erase a person from the log, the tables, messages and actions; answers with a job",
           {},
           erase,
           202,
           kLive}),
  };
}

}  // namespace linnet::api
