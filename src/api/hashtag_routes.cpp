#include "analyze/hashtag_json.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"

namespace linnet::api {
namespace {

Result<std::vector<analyze::TrendingTag>> find_trending(const Call& call, store::Connection& reader,
                                                        const analyze::TrendQuestion& question) {
  if (const auto* const activity = call.api.dependencies.tag_activity; activity != nullptr) {
    if (auto tags = activity->trending(question)) return std::move(*tags);
  }
  return analyze::trending_hashtags(reader, question);
}

// With what was asked for, where it was not said.
struct Trends {
  std::vector<analyze::RisingTag> items;
  std::optional<std::string> next;
  Instant at{};
  std::string method;
};

Result<Trends> trending(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  Trends trends;
  analyze::TrendQuestion question;
  trends.method = call.request.query("method").value_or("growth");
  LINNET_TRY(question.method, analyze::parse_trend_method(trends.method));
  LINNET_TRY(const auto at, given.time("at"));
  trends.at = question.at = at.value_or(call.api.dependencies.clock.now());
  LINNET_TRY(question.window, given.duration("window", std::chrono::hours(4)));
  LINNET_TRY(question.baseline, given.duration("baseline", std::chrono::hours(24)));
  LINNET_TRY(question.min_posts, given.integer("min_posts", 3, 1, 1'000'000));
  LINNET_TRY(const auto limit, given.integer("limit", 20, 1, 100));
  question.limit = static_cast<std::size_t>(limit);
  LINNET_TRY(question.instance, given.instance(*reader));
  LINNET_TRY(auto tags, find_trending(call, *reader, question));
  LINNET_TRY(trends.items, analyze::with_sparklines(*reader, std::move(tags), question.at));
  return trends;
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

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::api::Trends>() {
  using linnet::api::Trends;
  static const auto described =
      entity<Trends>({.name = "Trends"},
                     {field<&Trends::items>("items"), field<&Trends::next>("next"), field<&Trends::at>("at"),
                      field<&Trends::method>("method").one_of({"growth", "spike", "burst"})});
  return described;
}

namespace linnet::api {

std::vector<Route> hashtag_routes() {
  using net::Method;
  return {
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/hashtags/trending",
             "Hashtags on the rise, by growth, spike or burst",
             {"method", "at", "window", "baseline", "min_posts", "limit", "instance"},
             {}},
            trending),
      as_command("hashtags list", typed({govern::Permission::read,
                                         Method::get,
                                         "/api/v1/hashtags",
                                         "Hashtags by the beginning of their name",
                                         {"query", "limit"},
                                         {}},
                                        list)),
      as_command("hashtags show", typed({govern::Permission::read,
                                         Method::get,
                                         "/api/v1/hashtags/{name}",
                                         "A hashtag hour by hour",
                                         {"hours", "at"},
                                         {}},
                                        history)),
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
