// Forkalytics' own endpoints, with the shapes they had there.
#include <fmt/format.h>

#include "api/json_views.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using std::chrono::hours;

json::object post_json(const analyze::PostView& post) {
  auto full = to_json(post);
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
          {"sentiment_label", post.sentiment ? json::value(post.sentiment->label) : json::value()},
          {"sentiment_score", post.sentiment ? json::value(post.sentiment->score) : json::value()}};
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

Answer trending(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 50));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  json::array list;
  LINNET_CHECK(store::for_each_row(
      *reader,
      "SELECT h.name, count(*) FROM hashtags h JOIN post_hashtags t ON t.instance_id = h.instance_id AND "
      "t.hashtag_id = h.id JOIN posts p ON p.instance_id = t.instance_id AND p.id = t.post_id "
      "WHERE h.last_seen_at >= $1 AND t.created_at >= $1 AND p.deleted_at IS NULL "
      "GROUP BY h.name ORDER BY 2 DESC, 1 LIMIT $2",
      {to_micros(call.api.dependencies.clock.now() - hours(window)), limit},
      [&](const store::Statement& row) {
        list.push_back(json::object{{"hashtag", row.text(0)}, {"count", row.integer(1)}});
      }));
  return list;
}

Answer stats(const Call& call) {
  const auto now = call.api.dependencies.clock.now();
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  json::object object;
  LINNET_CHECK(store::for_each_row(
      *reader,
      "SELECT (SELECT count(*) FROM posts WHERE deleted_at IS NULL), (SELECT count(*) FROM platform_users), "
      "(SELECT count(*) FROM posts WHERE created_at >= $1 AND deleted_at IS NULL), "
      "(SELECT count(*) FROM posts WHERE created_at >= $2 AND deleted_at IS NULL), "
      "(SELECT avg(engagement_score * 1.0) FROM posts WHERE deleted_at IS NULL), "
      "(SELECT base_url FROM instances ORDER BY id LIMIT 1)",
      {to_micros(floor_day(now)), to_micros(floor_hour(now))}, [&](const store::Statement& row) {
        object = {{"total_posts", row.integer(0)}, {"total_accounts", row.integer(1)},
                  {"posts_today", row.integer(2)}, {"posts_this_hour", row.integer(3)},
                  {"avg_engagement", row.real(4)}, {"mastodon_instance", row.text(5)}};
      }));
  LINNET_CHECK(store::for_each_row(
      *reader,
      "SELECT avg(score), sum(CASE WHEN sentiment_label = 'positive' THEN 1 ELSE 0 END), "
      "sum(CASE WHEN sentiment_label = 'negative' THEN 1 ELSE 0 END), "
      "sum(CASE WHEN sentiment_label = 'neutral' THEN 1 ELSE 0 END), count(*) FROM post_sentiments",
      {}, [&](const store::Statement& row) {
        object["sentiment"] = json::object{{"avg_sentiment", row.real(0)},
                                           {"positive_count", row.integer(1)},
                                           {"negative_count", row.integer(2)},
                                           {"neutral_count", row.integer(3)},
                                           {"total_analyzed", row.integer(4)}};
      }));
  return object;
}

Answer hourly(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  json::array list;
  LINNET_CHECK(store::for_each_row(
      *reader,
      "SELECT p.created_at - p.created_at % 3600000000, count(*), sum(p.reblogs_count), "
      "sum(p.replies_count), "
      "sum(p.engagement_score), avg(p.engagement_score * 1.0), avg(s.score) FROM posts p LEFT JOIN "
      "post_sentiments s "
      "ON s.instance_id = p.instance_id AND s.post_id = p.id AND s.status_version_seq = p.version_seq "
      "WHERE p.created_at >= $1 AND p.deleted_at IS NULL GROUP BY p.created_at - p.created_at % 3600000000 "
      "ORDER BY 1",
      {to_micros(call.api.dependencies.clock.now() - hours(window))}, [&](const store::Statement& row) {
        list.push_back(
            json::object{{"hour", to_iso8601(row.instant(0))},
                         {"post_count", row.integer(1)},
                         {"reblog_count", row.integer(2)},
                         {"reply_count", row.integer(3)},
                         {"total_engagement", row.integer(4)},
                         {"avg_engagement", row.real(5)},
                         {"avg_sentiment", row.is_null(6) ? json::value() : json::value(row.real(6))}});
      }));
  return list;
}

Answer sentiment(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  json::array list;
  LINNET_CHECK(store::for_each_row(
      *reader,
      "SELECT p.created_at - p.created_at % 3600000000, avg(s.score), count(*) FROM posts p JOIN "
      "post_sentiments s "
      "ON s.instance_id = p.instance_id AND s.post_id = p.id AND s.status_version_seq = p.version_seq "
      "WHERE p.created_at >= $1 AND p.deleted_at IS NULL GROUP BY p.created_at - p.created_at % 3600000000 "
      "ORDER BY 1",
      {to_micros(call.api.dependencies.clock.now() - hours(window))}, [&](const store::Statement& row) {
        list.push_back(json::object{
            {"hour", to_iso8601(row.instant(0))}, {"avg_sentiment", row.real(1)}, {"count", row.integer(2)}});
      }));
  return list;
}

Answer health(const Call&) {
  return json::object{{"status", "healthy"}};
}

}  // namespace

std::vector<Route> forkalytics_routes() {
  using net::Method;
  return {
      {govern::Permission::open, Method::get, "/health", "Forkalytics: whether the program runs", {}, health},
      {govern::Permission::read, Method::get, "/api/stats", "Forkalytics: totals", {}, stats},
      {govern::Permission::read,
       Method::get,
       "/api/stats/hourly",
       "Forkalytics: posts and engagement by hour",
       {"hours"},
       hourly},
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
      {govern::Permission::read,
       Method::get,
       "/api/hashtags/trending",
       "Forkalytics: hashtags by number of posts",
       {"hours", "limit"},
       trending},
      {govern::Permission::read,
       Method::get,
       "/api/sentiment/distribution",
       "Forkalytics: sentiment by hour",
       {"hours"},
       sentiment},
  };
}

}  // namespace linnet::api
