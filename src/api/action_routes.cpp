// Acting: requests, approvals, the emergency stop.
#include <fmt/format.h>

#include "act/records.hpp"
#include "api/action_body.hpp"
#include "api/action_media.hpp"
#include "api/by_hand.hpp"
#include "api/media_uploads.hpp"
#include "api/parameters.hpp"
#include "api/shapes.hpp"
#include "api/typed_routes.hpp"
#include "base/json_fields.hpp"
#include "govern/emergency_stop.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

act::Requester requester(const Call& call) {
  return {call.who.name, call.who.may(govern::Permission::approve)};
}

Result<json::object> with_text(const Call& call, const act::Attempt& attempt) {
  auto object = to_json(attempt);
  // What was written to a person is for those who may read messages.
  const bool is_message = attempt.type == model::ActionType::dm_send;
  if (is_message && !call.who.may(govern::Permission::dm_read)) {
    object["text"] = nullptr;
    return object;
  }
  const auto draft = call.api.dependencies.gate->draft_of(attempt);
  if (!draft && draft.error().kind != ErrorKind::corrupt) return draft.error();
  // One that is damaged does not hide the others.
  object["text"] = draft ? json::value(draft->text) : json::value();
  if (!draft) object["text_error"] = draft.error().safe;
  return object;
}

Answer create(const Call& call) {
  const auto& given = call.api.dependencies;
  NamedUploads uploads(given.uploads, call.who);
  LINNET_TRY(auto body,
             parse_action_body(call.request.body(), [&](const std::string& id) { return uploads.read(id); }));
  LINNET_TRY(const auto account, given.accounts->find(body.account));
  body.action.account = account.id;
  if (given.settle_names) LINNET_CHECK(given.settle_names(account, body.action));
  body.action.by_hand = is_by_hand(call.who, call.request);
  LINNET_TRY(const auto requested, given.gate->request(body.action, requester(call), body.dry_run));
  if (!body.dry_run) uploads.note_used(given.clock.now());
  json::array attempts;
  json::array verdicts;
  for (const auto& attempt : requested.attempts) attempts.push_back(to_json(attempt));
  for (const auto& verdict : requested.verdicts) verdicts.push_back(to_json(verdict));
  return json::object{
      {"dry_run", body.dry_run},
      {"is_repeat", requested.is_repeat},
      {"decision", to_json(requested.decision)},
      {"verdicts", std::move(verdicts)},
      {"actions", std::move(attempts)},
      {"approval_id", requested.approval_id.empty() ? json::value() : json::value(requested.approval_id)}};
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

Answer list(const Call& call) {
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
  json::array items;
  for (const auto& attempt : attempts) {
    LINNET_TRY(auto item, with_text(call, attempt));
    items.push_back(std::move(item));
  }
  json::value next;
  if (static_cast<std::int64_t>(attempts.size()) == query.limit)
    next = fmt::format("{}_{}", to_iso8601(attempts.back().attempted_at), attempts.back().id.value());
  return json::object{{"items", std::move(items)}, {"next", next}};
}

Answer show(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto attempt, act::find_attempt(*reader, call.path[0]));
  LINNET_TRY(auto object, with_text(call, attempt));
  LINNET_TRY(const auto looks, act::verifications_of(*reader, attempt.id));
  json::array evidence;
  for (const auto& look : looks) evidence.push_back(to_json(look));
  object["verifications"] = std::move(evidence);
  // Its rows of the audit trail are for those who may see that.
  if (!call.who.may(govern::Permission::audit)) return object;
  govern::AuditQuery query;
  query.run_id = attempt.run_id;
  query.limit = 1'000;
  LINNET_TRY(const auto trail, govern::list_audit(*reader, query));
  json::array steps;
  for (auto entry = trail.rbegin(); entry != trail.rend(); ++entry) {
    const auto* const action = entry->details.if_contains("action");
    const bool is_its_own = action != nullptr && action->is_string() &&
                            std::string_view(action->as_string()) == attempt.id.value();
    if (is_its_own) steps.push_back(to_json(*entry));
  }
  object["audit"] = std::move(steps);
  return object;
}

Answer shown(const Call& call, const Status& done) {
  if (!done) return done.error();
  return show(call);
}

Answer cancel(const Call& call) {
  return shown(call, call.api.dependencies.gate->cancel(call.path[0], requester(call)));
}

Answer retry(const Call& call) {
  LINNET_TRY(const auto requested, call.api.dependencies.gate->retry(call.path[0], requester(call),
                                                                     is_by_hand(call.who, call.request)));
  return to_json(requested.attempts.front());
}

struct WhatWasSeen {
  bool took_effect = false;
  std::string result_id;
};
Answer confirm(const Call& call, const WhatWasSeen& seen) {
  return shown(call, call.api.dependencies.gate->confirm(call.path[0], seen.took_effect, requester(call),
                                                         seen.result_id));
}

struct AnotherTime {
  Instant due_at{};
};
Answer reschedule(const Call& call, const AnotherTime& wanted) {
  return shown(call, call.api.dependencies.gate->reschedule(call.path[0], wanted.due_at, requester(call)));
}

// What only followers see is for those who decide about it, and for those who may read messages.
act::ToWhom posts_are_for(const Call& call) {
  using govern::Permission;
  return call.who.may(Permission::approve) || call.who.may(Permission::dm_read) ? act::ToWhom::who_decides
                                                                                : act::ToWhom::everybody;
}

bool is_hidden(const json::value& post) {
  const auto* const object = post.if_object();
  return object != nullptr && object->at("is_hidden").as_bool();
}

Status add_posts_concerned(store::Connection& connection, const act::Attempt& attempt, act::ToWhom reader,
                           json::object& item) {
  LINNET_TRY(const auto account, act::load_acting_account(connection, attempt.account));
  LINNET_TRY(auto posts, act::posts_concerned(connection, account, attempt, reader));
  auto* const context = item["context"].if_object();
  if (context == nullptr) return {};
  if (is_hidden(posts["post"])) (*context)["post_url"] = "";
  for (auto& [name, post] : posts) (*context)[name] = std::move(post);
  return {};
}

Answer approvals(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", 100, 1, 500));
  const auto state = given.text("state");
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto found, act::list_approvals(*reader, state.empty() ? "open" : state, limit));
  json::array items;
  for (const auto& approval : found) {
    LINNET_TRY(const auto attempt, act::find_attempt(*reader, approval.attempt.value()));
    auto item = to_json(approval);
    LINNET_CHECK(add_posts_concerned(*reader, attempt, posts_are_for(call), item));
    LINNET_TRY(item["action"], with_text(call, attempt));
    items.push_back(std::move(item));
  }
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

Answer decide_thread(const Call& call, act::Word word, const std::string& comment) {
  LINNET_TRY(const auto attempts,
             call.api.dependencies.gate->decide_thread(call.path[0], word, comment, requester(call)));
  json::array items;
  for (const auto& attempt : attempts) {
    LINNET_TRY(auto item, with_text(call, attempt));
    items.push_back(std::move(item));
  }
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

struct WantedDecision {
  std::string decision;
  std::optional<std::string> text;
  std::string comment;
  bool thread = false;
};
Answer decide(const Call& call, const WantedDecision& wanted) {
  const auto& [decision, edited, comment, whole_thread] = wanted;
  const auto word = decision == "approve" ? act::Word::approve : act::Word::reject;
  if (whole_thread && edited)
    return invalid("text: one text cannot take the place of a whole thread; edit its posts one by one");
  if (whole_thread) return decide_thread(call, word, comment);
  LINNET_TRY(const auto attempt,
             call.api.dependencies.gate->decide(call.path[0], word, edited, comment, requester(call)));
  LINNET_TRY(auto answer, with_text(call, attempt));
  return json::value(std::move(answer));
}

Result<StopState> stop_state(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto since, govern::stopped_since(*reader));
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
      {.name = "WantedStop"},
      // What stops everything is not refused for its length; the trail keeps the beginning.
      {field<&WantedStop::reason>("reason").at_most(kSmallBody),
       field<&WantedStop::cancel>("cancel").means("Cancel what waits as well")});
  return described;
}
template <>
const Entity& entity_of<WantedDecision>() {
  using Wanted = WantedDecision;
  static const auto described = entity<Wanted>(
      {.name = "WantedDecision"},
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
      {Permission::act,
       Method::post,
       "/api/v1/actions",
       "Ask for an action; the gate judges it",
       {},
       create,
       201,
       Freshness::live,
       "application/json",
       {},
       kLargeBody},
      {Permission::act,
       Method::post,
       "/api/v1/media",
       "Send a picture, film or sound ahead, as it is; for a day your actions may name its `upload`",
       {},
       upload_media,
       201,
       Freshness::live,
       "application/json",
       {},
       kLargestUpload,
       net::Lane::usual,
       open_upload},
      answers<Page<act::Attempt>>(
          {Permission::read,
           Method::get,
           "/api/v1/actions",
           "Actions, newest first",
           {"account", "status", "type", "verified", "run", "target", "limit", "cursor"},
           list,
           200,
           Freshness::live}),
      answers<act::Attempt>({Permission::read,
                             Method::get,
                             "/api/v1/actions/{id}",
                             "One action with its evidence",
                             {},
                             show,
                             200,
                             Freshness::live}),
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
      answers<act::Attempt>({Permission::act,
                             Method::post,
                             "/api/v1/actions/{id}/cancel",
                             "Take back what has not been sent",
                             {},
                             cancel,
                             200,
                             Freshness::live}),
      answers<act::Attempt>({Permission::act,
                             Method::post,
                             "/api/v1/actions/{id}/retry",
                             "A failed one again",
                             {},
                             retry,
                             201,
                             Freshness::live}),
      answers<act::Attempt>(typed({Permission::approve,
                                   Method::post,
                                   "/api/v1/actions/{id}/confirm",
                                   "A person looked whether it took effect",
                                   {},
                                   {},
                                   200,
                                   Freshness::live},
                                  confirm)),
      answers<act::Attempt>(typed({Permission::act,
                                   Method::post,
                                   "/api/v1/actions/{id}/reschedule",
                                   "Another time",
                                   {},
                                   {},
                                   200,
                                   Freshness::live},
                                  reschedule)),
      answers<Page<act::Approval>>({Permission::read,
                                    Method::get,
                                    "/api/v1/approvals",
                                    "What waits for a person's word",
                                    {"state", "limit"},
                                    approvals,
                                    200,
                                    Freshness::live}),
      answers<act::Attempt>(
          typed({Permission::approve,
                 Method::post,
                 "/api/v1/approvals/{id}",
                 "Approve, edit or reject; with \"thread\": true, with all behind it in its thread",
                 {},
                 {},
                 200,
                 Freshness::live},
                decide)),
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
