// Direct messages, for those who may read them.
#include "act/messages.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"

namespace linnet::api {
namespace {

using govern::Permission;

Result<Page<act::DmThread>> threads(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", 50, 1, 200));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto all, act::list_threads(*reader, *call.api.dependencies.box, given.text("account"), limit));
  return Page<act::DmThread>{std::move(all)};
}

Result<Page<act::DmMessage>> messages(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto all, act::list_messages(*reader, *call.api.dependencies.box, call.path[0]));
  return Page<act::DmMessage>{std::move(all)};
}

}  // namespace

std::vector<Route> message_routes() {
  using net::Method;
  return {
      typed({Permission::dm_read,
             Method::get,
             "/api/v1/threads",
             "Conversations, newest first",
             {"account", "limit"},
             {},
             200,
             Freshness::live},
            threads),
      typed({Permission::dm_read,
             Method::get,
             "/api/v1/threads/{id}/messages",
             "What was written, oldest first",
             {},
             {},
             200,
             Freshness::live},
            messages),
  };
}

}  // namespace linnet::api
