// Forkalytics' own endpoints, with the shapes they had there.
#include <fmt/format.h>

#include "analyze/forkalytics_figures.hpp"
#include "analyze/post_list.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"
#include "base/html_sanitize.hpp"
#include "base/json_names.hpp"

namespace linnet::api {
namespace {

using std::chrono::hours;

struct ForkalyticsAuthor {
  std::string id, username, acct, display_name, avatar_url;
  std::optional<std::int64_t> followers_count;
};
struct ForkalyticsPost {
  analyze::PostView post;
};

Result<std::vector<ForkalyticsPost>> posts(const Call& call, bool popular) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", popular ? 20 : 50, 1, 100));
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  analyze::PostFilter filter;
  filter.limit = static_cast<std::size_t>(limit);
  filter.language = given.text("language");
  filter.by_engagement = popular;
  if (popular) filter.since = call.api.dependencies.clock.now() - hours(window);
  LINNET_TRY(auto page, analyze::list_posts(*reader, filter));
  std::vector<ForkalyticsPost> list;
  for (auto& post : page.items) list.push_back({std::move(post)});
  return list;
}

Result<std::vector<ForkalyticsPost>> popular_posts(const Call& call) {
  return posts(call, true);
}
Result<std::vector<ForkalyticsPost>> recent_posts(const Call& call) {
  return posts(call, false);
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

struct Healthy {
  std::string status = "healthy";
};
Result<Healthy> health(const Call&) {
  return Healthy();
}

ForkalyticsAuthor author_of(const ForkalyticsPost& one) {
  const auto& author = one.post.author;
  return {author.id,           author.username,   author.acct,
          author.display_name, author.avatar_url, author.follower_count};
}
double engagement_of(const ForkalyticsPost& one) {
  return static_cast<double>(one.post.engagement_score);
}
bool has_media(const ForkalyticsPost& one) {
  return one.post.content_type != "text";
}
std::vector<std::string> hashtags_in(const ForkalyticsPost& one) {
  return json_names(one.post.hashtags_json);
}
bool is_scored(const ForkalyticsPost& one) {
  return one.post.sentiment && one.post.sentiment->label != analyze::kNotScored;
}
std::optional<std::string> label_of(const ForkalyticsPost& one) {
  return is_scored(one) ? std::optional(one.post.sentiment->label) : std::nullopt;
}
std::optional<double> score_of(const ForkalyticsPost& one) {
  return is_scored(one) ? std::optional(one.post.sentiment->score) : std::nullopt;
}
std::string html_of(const ForkalyticsPost& one) {
  return sanitize_html(one.post.content_html);
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;
using analyze::PostView;

template <>
const Entity& entity_of<Healthy>() {
  static const auto described =
      entity<Healthy>({.name = "Healthy"}, {field<&Healthy::status>("status").one_of({"healthy"})});
  return described;
}
template <>
const Entity& entity_of<ForkalyticsAuthor>() {
  using Author = ForkalyticsAuthor;
  static const auto described = entity<Author>(
      {.name = "ForkalyticsAuthor"},
      {field<&Author::id>("id"), field<&Author::username>("username"), field<&Author::acct>("acct"),
       field<&Author::display_name>("display_name"), field<&Author::followers_count>("followers_count"),
       field<&Author::avatar_url>("avatar_url").or_null_in_json()});
  return described;
}
template <>
const Entity& entity_of<ForkalyticsPost>() {
  using Post = ForkalyticsPost;
  static const auto described =
      entity<Post>({.name = "ForkalyticsPost"},
                   {field<&Post::post, &PostView::id>("id"), field<&Post::post, &PostView::url>("url"),
                    shown<&html_of>("content"), field<&Post::post, &PostView::content_text>("content_text"),
                    field<&Post::post, &PostView::language>("language"),
                    field<&Post::post, &PostView::replies>("replies_count"),
                    field<&Post::post, &PostView::reblogs>("reblogs_count"),
                    field<&Post::post, &PostView::favourites>("favourites_count"),
                    shown<&engagement_of>("engagement_score"), shown<&has_media>("has_media"),
                    shown<&hashtags_in>("hashtags"), field<&Post::post, &PostView::created_at>("created_at"),
                    shown<&author_of>("account"), shown<&label_of>("sentiment_label"),
                    shown<&score_of>("sentiment_score")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

std::vector<Route> forkalytics_routes() {
  using net::Method;
  return {
      typed(
          {govern::Permission::open, Method::get, "/health", "Forkalytics: whether the program runs", {}, {}},
          health),
      typed({govern::Permission::read, Method::get, "/api/stats", "Forkalytics: totals", {}, {}}, stats),
      typed({govern::Permission::read,
             Method::get,
             "/api/stats/hourly",
             "Forkalytics: posts and engagement by hour",
             {"hours"},
             {}},
            hourly),
      typed({govern::Permission::read,
             Method::get,
             "/api/posts/popular",
             "Forkalytics: posts by engagement",
             {"hours", "limit", "language"},
             {}},
            popular_posts),
      typed({govern::Permission::read,
             Method::get,
             "/api/posts/recent",
             "Forkalytics: the newest posts",
             {"limit", "language"},
             {}},
            recent_posts),
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
