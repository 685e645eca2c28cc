// One's own drafts. Whoever asks is their owner, so that no address can name somebody else's.
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "govern/drafts.hpp"

namespace linnet::api {
namespace {

using govern::Draft;
using govern::Permission;

struct NewDraft {
  std::string content;
  std::optional<Instant> seen_at;
};

Result<Page<Draft>> drafts(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto all, govern::drafts_of(*reader, call.who.user_id));
  return Page<Draft>{std::move(all)};
}

Result<Draft> draft(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto found, govern::find_draft(*reader, call.who.user_id, call.path[0]));
  if (!found) return not_found("draft: you have none of that name");
  return std::move(*found);
}

Result<govern::SavedDraft> save_draft(const Call& call, const NewDraft& wanted) {
  govern::SavedDraft saved;
  LINNET_CHECK(call.api.dependencies.writer.write([&](store::Connection& connection) -> Status {
    Draft given;
    given.owner_id = call.who.user_id;
    given.name = call.path[0];
    given.content = wanted.content;
    LINNET_TRY(saved, govern::save_draft(connection, std::move(given), wanted.seen_at,
                                         call.api.dependencies.clock.now()));
    return {};
  }));
  return saved;
}

Result<Removed> remove_draft(const Call& call) {
  LINNET_CHECK(call.api.dependencies.writer.write([&](store::Connection& connection) {
    return govern::remove_draft(connection, call.who.user_id, call.path[0]);
  }));
  return Removed();
}

}  // namespace
}  // namespace linnet::api

namespace linnet::record {

template <>
const Entity& entity_of<api::NewDraft>() {
  using api::NewDraft;
  static const Entity described = entity<NewDraft>(
      {.name = "NewDraft"},
      {field<&NewDraft::content>("content").json().required().means("Whatever the writer makes of it"),
       field<&NewDraft::seen_at>("seen_at").means("saved_at of the state that is known here; absent: none")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> draft_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      typed({Permission::act,
             Method::get,
             "/api/v1/drafts",
             "One's own drafts, newest first",
             {},
             {},
             200,
             kLive},
            drafts),
      typed({Permission::act,
             Method::get,
             "/api/v1/drafts/{name}",
             "One of one's own drafts",
             {},
             {},
             200,
             kLive},
            draft),
      typed({Permission::act,
             Method::post,
             "/api/v1/drafts/{name}",
             "Keep a draft; the newest wins, and the answer says whether it replaced another",
             {},
             {},
             200,
             kLive},
            save_draft),
      typed({Permission::act,
             Method::post,
             "/api/v1/drafts/{name}/remove",
             "Remove a draft",
             {},
             {},
             200,
             kLive},
            remove_draft),
  };
}

}  // namespace linnet::api
