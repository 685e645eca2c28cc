#include <fmt/format.h>

#include <charconv>

#include "analyze/velocity.hpp"
#include "api/json_views.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

json::array list_of(const std::vector<analyze::PostView>& posts) {
  json::array items;
  for (const auto& post : posts) items.push_back(to_json(post));
  return items;
}

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

Answer list_of_reach(const Call& call, bool followers_only) {
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
  LINNET_TRY(const auto page, analyze::list_posts(*reader, filter));
  auto items = list_of(page.items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (page.items[i].content_type == "text") continue;
    LINNET_TRY(const auto media, analyze::media_of(*reader, page.items[i]));
    items[i].as_object()["media"] = to_json(media);
  }
  return json::object{{"items", std::move(items)}, {"next", maybe(page.next)}};
}

Answer list(const Call& call) {
  return list_of_reach(call, false);
}

Answer list_followers_only(const Call& call) {
  return list_of_reach(call, true);
}

Answer with_history(store::Connection& reader, const analyze::PostView& post) {
  LINNET_TRY(const auto versions, analyze::versions_of(reader, post));
  LINNET_TRY(const auto snapshots, analyze::snapshots_of(reader, post));
  LINNET_TRY(const auto media, analyze::media_of(reader, post));
  LINNET_TRY(const auto thread, analyze::thread_of(reader, post));
  auto object = to_json(post);
  object["media"] = to_json(media);
  object["versions"] = to_json(versions);
  object["snapshots"] = to_json(snapshots);
  object["thread"] = nullptr;
  for (const auto& one : thread) {
    if (one.post.id != post.id || thread.size() == 1) continue;
    object["thread"] = json::object{
        {"root_id", thread.front().post.id}, {"depth", one.depth}, {"reply_count", thread.size() - 1}};
  }
  return object;
}

Answer show(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto post, find_shown(*reader, call));
  return with_history(*reader, post);
}

Answer show_followers_only(const Call& call) {
  LINNET_TRY(const auto instance, instance_number(call.path[0]));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto post, analyze::find_post(*reader, instance, call.path[1]));
  return with_history(*reader, post);
}

Answer thread(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto post, find_shown(*reader, call));
  LINNET_TRY(const auto posts, analyze::thread_of(*reader, post));
  json::array items;
  for (const auto& one : posts) {
    auto object = to_json(one.post);
    object["depth"] = one.depth;
    items.push_back(std::move(object));
  }
  return json::object{{"items", items}, {"next", nullptr}};
}

Answer velocity(const Call& call) {
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
  LINNET_TRY(const auto fast, analyze::fast_posts(*reader, question));
  json::array items;
  for (const auto& post : fast) {
    LINNET_TRY(const auto view, analyze::find_post(*reader, post.instance, post.id));
    items.push_back(json::object{{"id", post.id},
                                 {"instance", post.base_url},
                                 {"instance_id", post.instance.value()},
                                 {"gained", post.gained},
                                 {"from", post.from},
                                 {"to", post.to},
                                 {"post", to_json(view)}});
  }
  return json::object{{"items", items}, {"next", nullptr}};
}

Answer edits(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const bool sentiment_changed, given.flag("sentiment_changed"));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto edited,
             analyze::edited_posts(*reader, sentiment_changed, static_cast<std::size_t>(limit)));
  json::array items;
  for (const auto& one : edited) {
    items.push_back(json::object{{"id", one.post.id},
                                 {"instance", one.post.base_url},
                                 {"instance_id", one.post.instance.value()},
                                 {"author_acct", one.post.author.acct},
                                 {"post", to_json(one.post)},
                                 {"versions", to_json(one.versions)}});
  }
  return json::object{{"items", items}, {"next", nullptr}};
}

}  // namespace

std::vector<Route> post_routes() {
  using net::Method;
  return {
      {govern::Permission::read,
       Method::get,
       "/api/v1/posts",
       "Posts, searched and filtered, a page at a time",
       {"query", "author", "tag", "since", "until", "language", "instance", "sort", "limit", "cursor"},
       list},
      {govern::Permission::read,
       Method::get,
       "/api/v1/posts/velocity",
       "Posts that gather counts fastest",
       {"window", "min", "by", "at", "instance", "limit"},
       velocity},
      {govern::Permission::read,
       Method::get,
       "/api/v1/posts/edits",
       "Edited posts with their versions and word differences",
       {"sentiment_changed", "limit", "cursor"},
       edits},
      {govern::Permission::read,
       Method::get,
       "/api/v1/posts/{instance_id}/{id}",
       "One post with its versions, counts over time and media",
       {},
       show},
      {govern::Permission::read,
       Method::get,
       "/api/v1/posts/{instance_id}/{id}/thread",
       "The thread a post stands in",
       {},
       thread},
      {govern::Permission::dm_read,
       Method::get,
       "/api/v1/followers-only/posts",
       "Posts that only the followers of their authors see; every other list leaves them out",
       {"query", "author", "tag", "since", "until", "language", "instance", "sort", "limit", "cursor"},
       list_followers_only,
       200,
       Freshness::live},
      {govern::Permission::dm_read,
       Method::get,
       "/api/v1/followers-only/posts/{instance_id}/{id}",
       "One of those posts with its versions, counts over time and media",
       {},
       show_followers_only,
       200,
       Freshness::live},
      {govern::Permission::read,
       Method::get,
       "/api/v1/hashtags/{name}/posts",
       "Posts with a hashtag",
       {"since", "until", "language", "instance", "sort", "limit", "cursor"},
       list},
  };
}

}  // namespace linnet::api
