#include "api/json_views.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

Result<std::vector<analyze::TrendingTag>> find_trending(const Call& call, store::Connection& reader,
                                                        const analyze::TrendQuestion& question) {
  if (const auto* const activity = call.api.dependencies.tag_activity; activity != nullptr) {
    if (auto tags = activity->trending(question)) return std::move(*tags);
  }
  return analyze::trending_hashtags(reader, question);
}

Answer trending(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  analyze::TrendQuestion question;
  const auto method = call.request.query("method").value_or("growth");
  LINNET_TRY(question.method, analyze::parse_trend_method(method));
  LINNET_TRY(const auto at, given.time("at"));
  question.at = at.value_or(call.api.dependencies.clock.now());
  LINNET_TRY(question.window, given.duration("window", std::chrono::hours(4)));
  LINNET_TRY(question.baseline, given.duration("baseline", std::chrono::hours(24)));
  LINNET_TRY(question.min_posts, given.integer("min_posts", 3, 1, 1'000'000));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  question.limit = static_cast<std::size_t>(limit);
  LINNET_TRY(question.instance, given.instance(*reader));
  LINNET_TRY(const auto tags, find_trending(call, *reader, question));
  json::array items;
  for (const auto& tag : tags) {
    LINNET_TRY(const auto history, analyze::hashtag_history(*reader, tag.name, question.at, 24));
    json::array sparkline;
    for (const auto& hour : history.hours) sparkline.push_back(hour.posts);
    items.push_back(json::object{{"name", tag.name},
                                 {"recent", tag.recent},
                                 {"baseline", tag.baseline},
                                 {"score", tag.score},
                                 {"accounts", tag.accounts},
                                 {"sparkline", std::move(sparkline)}});
  }
  return json::object{
      {"items", items}, {"next", nullptr}, {"at", to_iso8601(question.at)}, {"method", method}};
}

Result<Page<analyze::HashtagView>> list(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto tags,
             analyze::list_hashtags(*reader, given.text("query"), static_cast<std::size_t>(limit)));
  return Page<analyze::HashtagView>{std::move(tags)};
}

Result<analyze::HashtagHistory> history(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto hours, given.integer("hours", 48, 1, std::int64_t{24} * 90));
  LINNET_TRY(const auto at, given.time("at"));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return analyze::hashtag_history(*reader, call.path[0], at.value_or(call.api.dependencies.clock.now()),
                                  static_cast<int>(hours));
}

Result<Page<analyze::RelatedTag>> related(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.duration("window", std::chrono::hours(24 * 7)));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  LINNET_TRY(const auto at, given.time("at"));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto tags,
             analyze::related_hashtags(*reader, call.path[0], at.value_or(call.api.dependencies.clock.now()),
                                       window, static_cast<std::size_t>(limit)));
  return Page<analyze::RelatedTag>{std::move(tags)};
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using analyze::HashtagHistory;
using analyze::HashtagHour;
using analyze::HashtagView;
using analyze::RelatedTag;

template <>
const Entity& entity_of<HashtagView>() {
  static const auto described = entity<HashtagView>(
      {.name = "Hashtag"},
      {field<&HashtagView::name>("name"), field<&HashtagView::base_url>("instance"),
       field<&HashtagView::posts>("posts"), field<&HashtagView::first_seen_at>("first_seen_at"),
       field<&HashtagView::last_seen_at>("last_seen_at")});
  return described;
}
template <>
const Entity& entity_of<HashtagHour>() {
  static const auto described = entity<HashtagHour>(
      {.name = "HashtagHour"},
      {field<&HashtagHour::hour>("hour"), field<&HashtagHour::posts>("posts"),
       field<&HashtagHour::accounts>("accounts"), field<&HashtagHour::engagement>("engagement")});
  return described;
}
template <>
const Entity& entity_of<HashtagHistory>() {
  static const auto described = entity<HashtagHistory>(
      {.name = "HashtagHistory"},
      {field<&HashtagHistory::name>("name"), field<&HashtagHistory::first_seen_at>("first_seen_at"),
       field<&HashtagHistory::last_seen_at>("last_seen_at"), field<&HashtagHistory::hours>("hours")});
  return described;
}
template <>
const Entity& entity_of<RelatedTag>() {
  static const auto described = entity<RelatedTag>(
      {.name = "RelatedHashtag"}, {field<&RelatedTag::name>("name"), field<&RelatedTag::count>("count"),
                                   field<&RelatedTag::lift>("lift")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> hashtag_routes() {
  using net::Method;
  return {
      {govern::Permission::read,
       Method::get,
       "/api/v1/hashtags/trending",
       "Hashtags on the rise, by growth, spike or burst",
       {"method", "at", "window", "baseline", "min_posts", "limit", "instance"},
       trending},
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/hashtags",
             "Hashtags by the beginning of their name",
             {"query", "limit"},
             {}},
            list),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/hashtags/{name}",
             "A hashtag hour by hour",
             {"hours", "at"},
             {}},
            history),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/hashtags/{name}/related",
             "Hashtags on the same posts",
             {"window", "limit", "at"},
             {}},
            related),
  };
}

}  // namespace linnet::api
