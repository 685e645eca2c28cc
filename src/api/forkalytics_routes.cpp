// Forkalytics' own endpoints, with the shapes they had there.
#include <fmt/format.h>

#include "analyze/forkalytics_figures.hpp"
#include "api/json_views.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using std::chrono::hours;

json::object post_json(const analyze::PostView& post) {
  auto full = to_json(post);
  const bool is_scored = post.sentiment && post.sentiment->label != analyze::kNotScored;
  return {{"id", post.id},
          {"url", full["url"]},
          {"content", full["content_html"]},
          {"content_text", post.content_text},
          {"language", full["language"]},
          {"replies_count", post.replies},
          {"reblogs_count", post.reblogs},
          {"favourites_count", post.favourites},
          {"engagement_score", static_cast<double>(post.engagement_score)},
          {"has_media", post.content_type != "text"},
          {"hashtags", full["hashtags"]},
          {"created_at", full["created_at"]},
          {"account", json::object{{"id", post.author.id},
                                   {"username", post.author.username},
                                   {"acct", post.author.acct},
                                   {"display_name", post.author.display_name},
                                   {"followers_count", full["author"].as_object()["followers_count"]},
                                   {"avatar_url", full["author"].as_object()["avatar_url"]}}},
          {"sentiment_label", is_scored ? json::value(post.sentiment->label) : json::value()},
          {"sentiment_score", is_scored ? json::value(post.sentiment->score) : json::value()}};
}

Answer posts(const Call& call, bool popular) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", popular ? 20 : 50, 1, 100));
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  analyze::PostFilter filter;
  filter.limit = static_cast<std::size_t>(limit);
  filter.language = given.text("language");
  filter.by_engagement = popular;
  if (popular) filter.since = call.api.dependencies.clock.now() - hours(window);
  LINNET_TRY(const auto page, analyze::list_posts(*reader, filter));
  json::array list;
  for (const auto& post : page.items) list.push_back(post_json(post));
  return list;
}

Result<std::vector<analyze::HashtagCount>> trending(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 50));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return analyze::count_hashtags(*reader, call.api.dependencies.clock.now() - hours(window), limit);
}

Result<analyze::ForkalyticsStats> stats(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return analyze::forkalytics_stats(*reader, call.api.dependencies.clock.now());
}

Result<std::vector<analyze::HourFigures>> hourly(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return analyze::figures_by_hour(*reader, call.api.dependencies.clock.now() - hours(window));
}

Result<std::vector<analyze::HourSentiment>> sentiment(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return analyze::sentiment_by_hour(*reader, call.api.dependencies.clock.now() - hours(window));
}

Answer health(const Call&) {
  return json::object{{"status", "healthy"}};
}

}  // namespace

std::vector<Route> forkalytics_routes() {
  using net::Method;
  return {
      {govern::Permission::open, Method::get, "/health", "Forkalytics: whether the program runs", {}, health},
      typed({govern::Permission::read, Method::get, "/api/stats", "Forkalytics: totals", {}, {}}, stats),
      typed({govern::Permission::read,
             Method::get,
             "/api/stats/hourly",
             "Forkalytics: posts and engagement by hour",
             {"hours"},
             {}},
            hourly),
      {govern::Permission::read,
       Method::get,
       "/api/posts/popular",
       "Forkalytics: posts by engagement",
       {"hours", "limit", "language"},
       [](const Call& call) { return posts(call, true); }},
      {govern::Permission::read,
       Method::get,
       "/api/posts/recent",
       "Forkalytics: the newest posts",
       {"limit", "language"},
       [](const Call& call) { return posts(call, false); }},
      typed({govern::Permission::read,
             Method::get,
             "/api/hashtags/trending",
             "Forkalytics: hashtags by number of posts",
             {"hours", "limit"},
             {}},
            trending),
      typed({govern::Permission::read,
             Method::get,
             "/api/sentiment/distribution",
             "Forkalytics: sentiment by hour",
             {"hours"},
             {}},
            sentiment),
  };
}

}  // namespace linnet::api
