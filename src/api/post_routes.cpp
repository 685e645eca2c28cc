#include <fmt/format.h>

#include <charconv>

#include "analyze/post_json.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"

namespace linnet::api {
namespace {

Result<InstanceId> instance_number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return invalid("instance_id: expected a number, as /api/v1/instances lists them");
  }
  return InstanceId(number);
}

// What only followers of its author see is as if it were not there; there are routes of their own for it.
Result<analyze::PostView> find_shown(store::Connection& connection, const Call& call) {
  LINNET_TRY(const auto instance, instance_number(call.path[0]));
  LINNET_TRY(auto post, analyze::find_post(connection, instance, call.path[1]));
  if (post.followers_only)
    return not_found(fmt::format("id: there is no post {} on instance {}", call.path[1], call.path[0]));
  return post;
}

Result<Page<analyze::PostView>> list_of_reach(const Call& call, bool followers_only) {
  const Parameters given(call.request);
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  analyze::PostFilter filter;
  filter.query = given.text("query");
  filter.author = given.text("author");
  filter.tag = call.path.empty() ? given.text("tag") : call.path.front();
  filter.language = given.text("language");
  filter.cursor = given.text("cursor");
  LINNET_TRY(filter.since, given.time("since"));
  LINNET_TRY(filter.until, given.time("until"));
  LINNET_TRY(filter.instance, given.instance(*reader));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  filter.limit = static_cast<std::size_t>(limit);
  const auto sort = given.text("sort");
  if (!sort.empty() && sort != "new" && sort != "engagement")
    return invalid("sort: expected new or engagement");
  filter.by_engagement = sort == "engagement";
  filter.followers_only = followers_only;
  LINNET_TRY(auto page, analyze::list_posts(*reader, filter));
  LINNET_CHECK(analyze::add_media(*reader, page.items));
  return Page<analyze::PostView>{std::move(page.items), std::move(page.next)};
}

Result<Page<analyze::PostView>> list(const Call& call) {
  return list_of_reach(call, false);
}

Result<Page<analyze::PostView>> list_followers_only(const Call& call) {
  return list_of_reach(call, true);
}

Result<analyze::PostDetail> show(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto post, find_shown(*reader, call));
  return analyze::post_detail(*reader, std::move(post));
}

Result<analyze::PostDetail> show_followers_only(const Call& call) {
  LINNET_TRY(const auto instance, instance_number(call.path[0]));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto post, analyze::find_post(*reader, instance, call.path[1]));
  return analyze::post_detail(*reader, std::move(post));
}

Result<Page<analyze::ThreadPost>> thread(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto post, find_shown(*reader, call));
  LINNET_TRY(auto posts, analyze::thread_of(*reader, post));
  return Page<analyze::ThreadPost>{std::move(posts)};
}

Result<Page<analyze::FoundFast>> velocity(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  analyze::VelocityQuestion question;
  LINNET_TRY(const auto at, given.time("at"));
  question.at = at.value_or(call.api.dependencies.clock.now());
  LINNET_TRY(question.window, given.duration("window", std::chrono::hours(1)));
  LINNET_TRY(question.more_than, given.integer("min", 50, 0, 1'000'000'000));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  question.limit = static_cast<std::size_t>(limit);
  LINNET_TRY(question.instance, given.instance(*reader));
  if (const auto by = given.text("by"); !by.empty()) {
    LINNET_TRY(question.by, analyze::parse_count_kind(by));
  }
  LINNET_TRY(auto found, analyze::found_fast(*reader, question));
  return Page<analyze::FoundFast>{std::move(found)};
}

Result<Page<analyze::FoundEdited>> edits(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const bool sentiment_changed, given.flag("sentiment_changed"));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto found, analyze::found_edited(*reader, sentiment_changed, static_cast<std::size_t>(limit)));
  return Page<analyze::FoundEdited>{std::move(found)};
}

}  // namespace

std::vector<Route> post_routes() {
  using net::Method;
  return {
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/posts",
             "Posts, searched and filtered, a page at a time",
             {"query", "author", "tag", "since", "until", "language", "instance", "sort", "limit", "cursor"},
             {}},
            list),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/posts/velocity",
             "Posts that gather counts fastest",
             {"window", "min", "by", "at", "instance", "limit"},
             {}},
            velocity),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/posts/edits",
             "Edited posts with their versions and word differences",
             {"sentiment_changed", "limit", "cursor"},
             {}},
            edits),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/posts/{instance_id}/{id}",
             "One post with its versions, counts over time and media",
             {},
             {}},
            show),
      as_command("posts thread", typed({govern::Permission::read,
                                        Method::get,
                                        "/api/v1/posts/{instance_id}/{id}/thread",
                                        "The thread a post stands in",
                                        {},
                                        {}},
                                       thread)),
      typed({govern::Permission::dm_read,
             Method::get,
             "/api/v1/followers-only/posts",
             "Posts that only the followers of their authors see; every other list leaves them out",
             {"query", "author", "tag", "since", "until", "language", "instance", "sort", "limit", "cursor"},
             {},
             200,
             Freshness::live},
            list_followers_only),
      typed({govern::Permission::dm_read,
             Method::get,
             "/api/v1/followers-only/posts/{instance_id}/{id}",
             "One of those posts with its versions, counts over time and media",
             {},
             {},
             200,
             Freshness::live},
            show_followers_only),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/hashtags/{name}/posts",
             "Posts with a hashtag",
             {"since", "until", "language", "instance", "sort", "limit", "cursor"},
             {}},
            list),
  };
}

}  // namespace linnet::api
