// What was understood, shown to whom it may be shown, and what people say of it.
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"
#include "reflect/insights.hpp"
#include "reflect/judgement.hpp"
#include "reflect/views.hpp"

namespace linnet::api {
namespace {

using govern::Permission;
using reflect::Insight;
using reflect::Scope;

// Posts for followers and direct messages take one right; so does what was made of them.
Scope widest_for(const Call& call) {
  return call.who.may(Permission::dm_read) ? Scope::dm : Scope::open;
}

Result<reflect::InsightFilter> filter_of(const Parameters& given) {
  reflect::InsightFilter filter;
  filter.topic_key = given.text("topic");
  if (const auto category = given.text("category"); !category.empty()) filter.categories = {category};
  filter.run_id = given.text("run");
  filter.query = given.text("query");
  LINNET_TRY(filter.since, given.time("since"));
  LINNET_TRY(filter.until, given.time("until"));
  LINNET_TRY(filter.with_superseded, given.flag("history"));
  filter.with_withdrawn = filter.with_superseded;
  if (const auto scope = given.text("scope"); !scope.empty()) {
    filter.scope = reflect::parse_scope(scope);
    if (!filter.scope) return invalid("scope: expected public, derived or dm");
  }
  filter.before_id = given.text("cursor");
  return filter;
}

Result<Page<Insight>> insights(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(auto filter, filter_of(given));
  LINNET_TRY(const auto limit, given.integer("limit", 50, 1, 500));
  filter.limit = limit + 1;  // one more tells whether there is a next page
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto found,
             reflect::list_insights(*reader, widest_for(call), filter, call.api.dependencies.clock.now()));
  Page<Insight> page;
  if (static_cast<std::int64_t>(found.size()) > limit) {
    found.pop_back();
    page.next = found.back().id;
  }
  page.items = std::move(found);
  return page;
}

Result<reflect::InsightDetail> insight(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return reflect::insight_detail(*reader, widest_for(call), call.path[0], call.api.dependencies.clock.now());
}

struct WantedRating {
  std::optional<std::int64_t> rating;
  std::optional<std::string> correction;
};
struct WantedPin {
  std::optional<bool> is_pinned;
};
struct WantedWithdrawal {
  std::string why;
};

Result<Insight> judged(const Call& call, const reflect::Judgement& judgement) {
  Insight after;
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(after, reflect::judge(connection, widest_for(call), call.path[0], judgement, call.who.name,
                                     given.clock.now()));
    return {};
  }));
  return after;
}

Result<Insight> rate(const Call& call, const WantedRating& wanted) {
  if (!wanted.rating && !wanted.correction)
    return invalid("rating: expected a rating from 1 to 5, or a correction");
  return judged(call, {.rating = wanted.rating, .correction = wanted.correction});
}

Result<Insight> pin(const Call& call, const WantedPin& wanted) {
  return judged(call, {.is_pinned = wanted.is_pinned.value_or(true)});
}

Result<Insight> withdraw(const Call& call, const WantedWithdrawal& wanted) {
  Insight after;
  const auto& given = call.api.dependencies;
  LINNET_CHECK(given.writer.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(after, reflect::withdraw(connection, widest_for(call), call.path[0], wanted.why, call.who.name,
                                        given.clock.now()));
    return {};
  }));
  return after;
}

// --- as Zos has it

Result<std::vector<Insight>> zos_list(const Call& call, reflect::InsightFilter filter) {
  const Parameters given(call.request);
  if (const auto category = given.text("category"); !category.empty()) filter.categories = {category};
  LINNET_TRY(filter.since, given.time("since"));
  LINNET_TRY(const auto offset, given.integer("offset", 0, 0, 100'000));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  filter.limit = offset + limit;
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto found,
             reflect::list_insights(*reader, widest_for(call), filter, call.api.dependencies.clock.now()));
  found.erase(found.begin(), found.begin() + std::min(static_cast<std::ptrdiff_t>(offset),
                                                      static_cast<std::ptrdiff_t>(found.size())));
  return found;
}

Result<std::vector<Insight>> zos_insights(const Call& call) {
  return zos_list(call, {});
}
Result<std::vector<Insight>> zos_search(const Call& call) {
  const auto words = Parameters(call.request).text("q");
  if (words.size() < 2) return invalid("q: expected at least two letters to look for");
  return zos_list(call, {.query = words});
}
Result<std::vector<Insight>> zos_topic(const Call& call) {
  return zos_list(call, {.topic_key = call.path[0]});
}

}  // namespace
}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;

template <>
const Entity& entity_of<WantedRating>() {
  static const Entity described = entity<WantedRating>(
      {.name = "WantedRating"},
      {field<&WantedRating::rating>("rating").between(1, 5).means("1 wrong … 5 right"),
       field<&WantedRating::correction>("correction").at_most(4'000).means("What it should say")});
  return described;
}
template <>
const Entity& entity_of<WantedPin>() {
  static const Entity described = entity<WantedPin>(
      {.name = "WantedPin"}, {field<&WantedPin::is_pinned>("is_pinned")
                                  .means("It stays beyond its time, and each run is told of it")});
  return described;
}
template <>
const Entity& entity_of<WantedWithdrawal>() {
  static const Entity described = entity<WantedWithdrawal>(
      {.name = "WantedWithdrawal"},
      {field<&WantedWithdrawal::why>("why").at_most(kLongestReason).means("The next run is told")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> insight_routes() {
  using net::Method;
  constexpr auto kLive = Freshness::live;
  return {
      as_command("insight list", typed({Permission::read,
                                        Method::get,
                                        "/api/v1/insights",
                                        "What was understood, newest first",
                                        {"topic", "category", "scope", "query", "run", "since", "until",
                                         "history", "limit", "cursor"},
                                        {},
                                        200,
                                        kLive},
                                       insights)),
      as_command("insight show",
                 typed({Permission::read,
                        Method::get,
                        "/api/v1/insights/{id}",
                        "One insight with its sources, its run, and those whose place it took",
                        {},
                        {},
                        200,
                        kLive},
                       insight)),
      as_command("insight rate", with_body(kSmallBody, typed({Permission::analyze,
                                                              Method::post,
                                                              "/api/v1/insights/{id}/rate",
                                                              "Say how right it is, or what it should say",
                                                              {},
                                                              {},
                                                              200,
                                                              kLive},
                                                             rate))),
      as_command("insight pin", with_body(kSmallBody, typed({Permission::analyze,
                                                             Method::post,
                                                             "/api/v1/insights/{id}/pin",
                                                             "Keep it beyond its time, or no longer",
                                                             {},
                                                             {},
                                                             200,
                                                             kLive},
                                                            pin))),
      as_command("insight withdraw", with_body(kSmallBody, typed({Permission::analyze,
                                                                  Method::post,
                                                                  "/api/v1/insights/{id}/withdraw",
                                                                  "Show it, and what was made of it, no more",
                                                                  {},
                                                                  {},
                                                                  200,
                                                                  kLive},
                                                                 withdraw))),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/insights",
             "Zos: insights, newest first",
             {"category", "since", "offset", "limit"},
             {},
             200,
             kLive},
            zos_insights),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/insights/search",
             "Zos: insights in which words stand",
             {"q", "category", "since", "offset", "limit"},
             {},
             200,
             kLive},
            zos_search),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/insights/{topic_key}",
             "Zos: insights of a topic",
             {"category", "since", "offset", "limit"},
             {},
             200,
             kLive},
            zos_topic),
  };
}

}  // namespace linnet::api
