// What is kept of a person: handed out, or erased.
#include "act/person_json.hpp"
#include "act/person_record.hpp"
#include "api/parameters.hpp"
#include "api/sealed_address.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
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

Result<act::PersonErasure> preview(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto person, act::find_person_to_erase(*reader, Parameters(call.request).text("address")));
  return act::count_person(*reader, person);
}

struct ErasureOrder {
  std::string address;
  std::string confirm;
};
Answer erase(const Call& call, const ErasureOrder& order) {
  const auto& address = order.address;
  if (order.confirm != address)
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

}  // namespace linnet::api

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::api::ErasureOrder>() {
  using linnet::api::ErasureOrder;
  static const auto described = entity<ErasureOrder>(
      {.name = "ErasureOrder"},
      {field<&ErasureOrder::address>("address").like("ada@example.social"),
       field<&ErasureOrder::confirm>("confirm").like("ada@example.social").means("The same once more")});
  return described;
}

namespace linnet::api {

std::vector<Route> person_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      answers<act::PersonRecord>({Permission::erase,
                                  Method::get,
                                  "/api/v1/persons/record",
                                  "Everything that is kept of a person, for them to have",
                                  {"address"},
                                  record,
                                  200,
                                  kLive}),
      typed({Permission::erase,
             Method::get,
             "/api/v1/persons/erasure",
             "What erasing a person would take away",
             {"address"},
             {},
             200,
             kLive},
            preview),
      answers<StartedJob>(
          typed({Permission::erase,
                 Method::post,
                 "/api/v1/persons/erase",
                 "Erase a person from the log, the tables, messages and actions; answers with a job",
                 {},
                 {},
                 202,
                 kLive},
                erase)),
  };
}

}  // namespace linnet::api
