// Acting: requests, approvals, the emergency stop.
#include <fmt/format.h>

#include "act/shown_actions.hpp"
#include "api/action_body.hpp"
#include "api/action_media.hpp"
#include "api/by_hand.hpp"
#include "api/media_uploads.hpp"
#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "govern/emergency_stop.hpp"

namespace linnet::api {
namespace {

act::Requester requester(const Call& call) {
  return {call.who.name, call.who.may(govern::Permission::approve)};
}

// What only followers see is for those who decide about it, and for those who may read messages.
act::Onlooker onlooker(const Call& call) {
  using govern::Permission;
  const bool reads_messages = call.who.may(Permission::dm_read);
  const bool decides = call.who.may(Permission::approve) || reads_messages;
  return {reads_messages, call.who.may(Permission::audit),
          decides ? act::ToWhom::who_decides : act::ToWhom::everybody};
}

Result<act::ShownAction> shown(const Call& call, const act::Attempt& attempt) {
  return act::shown_action(*call.api.dependencies.gate, attempt, onlooker(call));
}

Result<Page<act::ShownAction>> page_of(const Call& call, const std::vector<act::Attempt>& attempts) {
  LINNET_TRY(auto items, act::shown_actions(*call.api.dependencies.gate, attempts, onlooker(call)));
  return Page<act::ShownAction>{std::move(items)};
}

Result<act::ShownRequest> create(const Call& call) {
  const auto& given = call.api.dependencies;
  NamedUploads uploads(given.uploads, call.who);
  LINNET_TRY(auto body, parse_action_body(call.request.body(),
                                          {[&](const std::string& id) { return uploads.find(id); },
                                           [&](std::string_view bytes) { return uploads.given(bytes); }}));
  LINNET_TRY(const auto account, given.accounts->find(body.account));
  body.action.account = account.id;
  if (given.settle_names) LINNET_CHECK(given.settle_names(account, body.action));
  body.action.by_hand = is_by_hand(call.who, call.request);
  LINNET_TRY(const auto requested, given.gate->request(body.action, requester(call), body.dry_run));
  if (!body.dry_run) uploads.note_used(given.clock.now());
  return act::shown_request(*given.gate, requested, body.dry_run, onlooker(call));
}

// The cursor is the moment and the id of the last of the page before.
Status read_cursor(const std::string& cursor, act::AttemptQuery& query) {
  if (cursor.empty()) return {};
  const auto bar = cursor.find('_');
  const auto at = parse_iso8601(cursor.substr(0, bar));
  if (bar == std::string::npos || !at) return invalid("cursor: expected the `next` of an earlier page");
  query.before = at;
  query.before_id = cursor.substr(bar + 1);
  return {};
}

Result<Page<act::ShownAction>> list(const Call& call) {
  const Parameters given(call.request);
  act::AttemptQuery query;
  LINNET_TRY(query.limit, given.integer("limit", 50, 1, 200));
  query.account_id = given.text("account");
  query.run_id = given.text("run");
  query.target_id = given.text("target");
  if (const auto status = given.text("status"); !status.empty()) {
    query.status = model::parse_action_status(status);
    if (!query.status)
      return invalid("status: expected pending, in_progress, success, failed, skipped, cancelled or unknown");
  }
  if (const auto type = given.text("type"); !type.empty()) {
    query.type = model::parse_action_type(type);
    if (!query.type) return invalid("type: expected like, publish, reply …");
  }
  if (!given.text("verified").empty()) {
    LINNET_TRY(query.is_verified, given.flag("verified"));
  }
  LINNET_CHECK(read_cursor(given.text("cursor"), query));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto attempts, act::list_attempts(*reader, query));
  LINNET_TRY(auto page, page_of(call, attempts));
  if (static_cast<std::int64_t>(attempts.size()) == query.limit)
    page.next = fmt::format("{}_{}", to_iso8601(attempts.back().attempted_at), attempts.back().id.value());
  return page;
}

Result<act::ActionPage> show(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return act::action_page(*reader, *call.api.dependencies.gate, call.path[0], onlooker(call));
}

Result<act::ActionPage> shown_after(const Call& call, const Status& done) {
  if (!done) return done.error();
  return show(call);
}

Result<act::ActionPage> cancel(const Call& call) {
  return shown_after(call, call.api.dependencies.gate->cancel(call.path[0], requester(call)));
}

Result<act::ShownAction> retry(const Call& call) {
  LINNET_TRY(const auto requested, call.api.dependencies.gate->retry(call.path[0], requester(call),
                                                                     is_by_hand(call.who, call.request)));
  return shown(call, requested.attempts.front());
}

struct WhatWasSeen {
  bool took_effect = false;
  std::string result_id;
};
Result<act::ActionPage> confirm(const Call& call, const WhatWasSeen& seen) {
  return shown_after(call, call.api.dependencies.gate->confirm(call.path[0], seen.took_effect,
                                                               requester(call), seen.result_id));
}

struct AnotherTime {
  Instant due_at{};
};
Result<act::ActionPage> reschedule(const Call& call, const AnotherTime& wanted) {
  return shown_after(call,
                     call.api.dependencies.gate->reschedule(call.path[0], wanted.due_at, requester(call)));
}

Result<Page<act::ShownApproval>> approvals(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", 100, 1, 500));
  const auto state = given.text("state");
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto found, act::list_approvals(*reader, state.empty() ? "open" : state, limit));
  LINNET_TRY(auto items, act::shown_approvals(*reader, *call.api.dependencies.gate, found, onlooker(call)));
  return Page<act::ShownApproval>{std::move(items)};
}

struct WantedDecision {
  std::string decision;
  std::optional<std::string> text;
  std::string comment;
  bool thread = false;
};
// The action that was decided, or all of its thread.
using Decided = std::variant<act::ShownAction, Page<act::ShownAction>>;
Result<Decided> decide(const Call& call, const WantedDecision& wanted) {
  const auto& [decision, edited, comment, whole_thread] = wanted;
  auto& gate = *call.api.dependencies.gate;
  const auto word = decision == "approve" ? act::Word::approve : act::Word::reject;
  if (whole_thread && edited)
    return invalid("text: one text cannot take the place of a whole thread; edit its posts one by one");
  if (whole_thread) {
    LINNET_TRY(const auto attempts, gate.decide_thread(call.path[0], word, comment, requester(call)));
    LINNET_TRY(auto page, page_of(call, attempts));
    return Decided(std::move(page));
  }
  LINNET_TRY(const auto attempt, gate.decide(call.path[0], word, edited, comment, requester(call)));
  LINNET_TRY(auto one, shown(call, attempt));
  return Decided(std::move(one));
}

Result<StopState> stop_state(const Call& call) {
  auto& database = call.api.dependencies.database;
  if (auto reader = database.reader()) {
    LINNET_TRY(const auto since, govern::stopped_since(**reader));
    return StopState{since.has_value(), since};
  }
  // A damaged log, or readers that are all at work, keep nobody from knowing: the tables alone say it.
  LINNET_TRY(const auto tables, database.connect(store::Part::tables));
  LINNET_TRY(const auto since, govern::stopped_since(*tables));
  return StopState{since.has_value(), since};
}

struct WantedStop {
  std::string reason;
  bool cancel = false;
};
Result<StopState> stop(const Call& call, const WantedStop& wanted) {
  LINNET_CHECK(call.api.dependencies.gate->stop_all(requester(call), wanted.reason, wanted.cancel));
  return stop_state(call);
}

Result<StopState> resume(const Call& call) {
  LINNET_CHECK(call.api.dependencies.gate->resume_all(requester(call)));
  return stop_state(call);
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<WhatWasSeen>() {
  static const auto described = entity<WhatWasSeen>(
      {.name = "WhatWasSeen"},
      {field<&WhatWasSeen::took_effect>("took_effect").required().means("true or false"),
       field<&WhatWasSeen::result_id>("result_id").means("The platform's id of what was made, where known")});
  return described;
}
template <>
const Entity& entity_of<AnotherTime>() {
  static const auto described = entity<AnotherTime>(
      {.name = "AnotherTime"},
      {field<&AnotherTime::due_at>("due_at").required().means("a time such as 2026-08-01T09:00:00Z")});
  return described;
}
template <>
const Entity& entity_of<WantedStop>() {
  static const auto described = entity<WantedStop>(
      {.name = "WantedStop", .example = R"({"reason":"a post went wrong"})"},
      // What stops everything is not refused for its length; the trail keeps the beginning.
      {field<&WantedStop::reason>("reason").at_most(kSmallBody),
       field<&WantedStop::cancel>("cancel").means("Cancel what waits as well")});
  return described;
}
template <>
const Entity& entity_of<WantedDecision>() {
  using Wanted = WantedDecision;
  static const auto described = entity<Wanted>(
      {.name = "WantedDecision", .example = R"({"decision":"approve","comment":"well said"})"},
      {field<&Wanted::decision>("decision").required().one_of({"approve", "reject"}),
       field<&Wanted::text>("text").at_most(kLongestPost).means("Takes the place of what was to be sent"),
       field<&Wanted::comment>("comment").at_most(kLongestReason),
       field<&Wanted::thread>("thread").means("With all behind it in its thread")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> action_routes() {
  using govern::Permission;
  using net::Method;
  return {
      with_body(kLargeBody, takes_action(typed({Permission::act,
                                                Method::post,
                                                "/api/v1/actions",
                                                "Ask for an action; the gate judges it",
                                                {},
                                                {},
                                                201,
                                                Freshness::live},
                                               create))),
      typed({Permission::act,
             Method::post,
             "/api/v1/media",
             "Send a picture, film or sound ahead, as it is; for a day your actions may name its `upload`",
             {},
             {},
             201,
             Freshness::live,
             "application/json",
             {},
             kLargestUpload,
             net::Lane::usual,
             open_upload},
            upload_media),
      typed({Permission::read,
             Method::get,
             "/api/v1/actions",
             "Actions, newest first",
             {"account", "status", "type", "verified", "run", "target", "limit", "cursor"},
             {},
             200,
             Freshness::live},
            list),
      typed({Permission::read,
             Method::get,
             "/api/v1/actions/{id}",
             "One action with its evidence",
             {},
             {},
             200,
             Freshness::live},
            show),
      {Permission::act,
       Method::get,
       "/api/v1/actions/{id}/media/{n}",
       "A picture or video that goes with it; the first is 0",
       {},
       action_media,
       200,
       Freshness::live,
       "*/*",
       Permission::approve},
      typed({Permission::act,
             Method::post,
             "/api/v1/actions/{id}/cancel",
             "Take back what has not been sent",
             {},
             {},
             200,
             Freshness::live},
            cancel),
      typed({Permission::act,
             Method::post,
             "/api/v1/actions/{id}/retry",
             "A failed one again",
             {},
             {},
             201,
             Freshness::live},
            retry),
      typed({Permission::approve,
             Method::post,
             "/api/v1/actions/{id}/confirm",
             "A person looked whether it took effect",
             {},
             {},
             200,
             Freshness::live},
            confirm),
      typed({Permission::act,
             Method::post,
             "/api/v1/actions/{id}/reschedule",
             "Another time",
             {},
             {},
             200,
             Freshness::live},
            reschedule),
      typed({Permission::read,
             Method::get,
             "/api/v1/approvals",
             "What waits for a person's word",
             {"state", "limit"},
             {},
             200,
             Freshness::live},
            approvals),
      typed({Permission::approve,
             Method::post,
             "/api/v1/approvals/{id}",
             "Approve, edit or reject; with \"thread\": true, with all behind it in its thread",
             {},
             {},
             200,
             Freshness::live},
            decide),
      typed({Permission::read,
             Method::get,
             "/api/v1/stop",
             "Whether everything is stopped",
             {},
             {},
             200,
             Freshness::live},
            stop_state),
      in_lane(net::Lane::urgent, with_body(kSmallBody, typed({Permission::stop,
                                                              Method::post,
                                                              "/api/v1/stop",
                                                              "Emergency stop: nothing leaves",
                                                              {},
                                                              {},
                                                              200,
                                                              Freshness::live},
                                                             stop))),
      typed({Permission::approve,
             Method::post,
             "/api/v1/resume",
             "Lift the emergency stop",
             {},
             {},
             200,
             Freshness::live},
            resume),
  };
}

}  // namespace linnet::api
