#include "app/rooms/rooms.hpp"

#include "llm/calls.hpp"

namespace linnet::app {
namespace {

Status settle_lost_calls(const JobParts& parts, jobs::JobContext& context) {
  std::int64_t settled = 0;
  LINNET_CHECK(parts.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(settled, llm::settle_lost_calls(connection, parts.clock.now()));
    return {};
  }));
  if (settled == 0) context.nothing_to_do();
  if (settled > 0) context.set_result({{"settled", settled}});
  return {};
}

}  // namespace

Room models_room() {
  return {.name = "models",
          .routes = {api::provider_routes, api::model_routes, api::prompt_routes},
          .jobs = {{"model_calls", settle_lost_calls}},
          .heading = "Language models"};
}

}  // namespace linnet::app
