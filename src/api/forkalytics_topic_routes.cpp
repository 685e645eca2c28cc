// What Forkalytics asked a language model for, topics by the hour, and its overview. Here a topic is a
// hashtag, and its summary says what was counted.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "analyze/forkalytics_figures.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"
#include "base/json_names.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using std::chrono::hours;

constexpr std::size_t kTopicsAnHour = 8;
constexpr std::size_t kSamplePosts = 10;
constexpr std::int64_t kLeastPosts = 2;

struct Topic {
  std::string name;
  std::int64_t posts = 0;
  std::unordered_set<std::string> accounts;
  double score_sum = 0;
  std::int64_t scored = 0;
  std::vector<std::string> sample;  // the posts with the most engagement first
};

using HourTopics = std::unordered_map<std::string, Topic>;

void count_post(HourTopics& topics, const analyze::TopicPost& post) {
  for (auto& name : json_names(post.hashtags)) {
    auto& topic = topics[name];
    topic.name = std::move(name);
    ++topic.posts;
    topic.accounts.emplace(post.account_id);
    if (topic.sample.size() < kSamplePosts) topic.sample.emplace_back(post.id);
    if (!post.score) continue;
    topic.score_sum += *post.score;
    ++topic.scored;
  }
}

// By hour, the oldest first.
Result<std::map<Instant, HourTopics>> count_topics(store::Connection& connection, Instant from) {
  std::map<Instant, HourTopics> by_hour;
  LINNET_CHECK(analyze::for_each_topic_post(connection, from, [&](const analyze::TopicPost& post) {
    count_post(by_hour[floor_hour(post.created_at)], post);
  }));
  return by_hour;
}

// What a topic is to those who ask.
struct ShownTopic {
  std::string topic;
  std::string summary;
  std::int64_t post_count = 0;
  std::optional<double> avg_sentiment;
  std::vector<std::string> sample_post_ids;
};

std::vector<ShownTopic> shown_topics(const HourTopics& topics) {
  std::vector<const Topic*> ordered;
  for (const auto& [name, topic] : topics) {
    if (topic.posts >= kLeastPosts) ordered.push_back(&topic);
  }
  std::sort(ordered.begin(), ordered.end(), [](const Topic* a, const Topic* b) {
    return std::tie(b->posts, a->name) < std::tie(a->posts, b->name);
  });
  if (ordered.size() > kTopicsAnHour) ordered.resize(kTopicsAnHour);
  std::vector<ShownTopic> list;
  for (const auto* topic : ordered) {
    std::optional<double> mean;
    if (topic->scored > 0) mean = topic->score_sum / static_cast<double>(topic->scored);
    list.push_back({"#" + topic->name,
                    fmt::format("{} posts by {} accounts", topic->posts, topic->accounts.size()),
                    topic->posts, mean, topic->sample});
  }
  return list;
}

// By hour, which no description names.
struct TopicsByHour {
  std::map<Instant, std::vector<ShownTopic>> hours;
};
Result<TopicsByHour> topics_by_hour(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto by_hour,
             count_topics(*reader, floor_hour(call.api.dependencies.clock.now()) - hours(window)));
  TopicsByHour list;
  for (const auto& [hour, topics] : by_hour) {
    if (auto found = shown_topics(topics); !found.empty()) list.hours.emplace(hour, std::move(found));
  }
  return list;
}

struct TopicsOfHour {
  std::optional<Instant> hour;
  std::vector<ShownTopic> topics;
};
Result<TopicsOfHour> current_topics(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto newest, analyze::newest_post_at(*reader));
  if (!newest) return TopicsOfHour();
  LINNET_TRY(const auto by_hour, count_topics(*reader, floor_hour(*newest) - hours(24)));
  for (auto hour = by_hour.rbegin(); hour != by_hour.rend(); ++hour) {
    if (auto topics = shown_topics(hour->second); !topics.empty())
      return TopicsOfHour{hour->first, std::move(topics)};
  }
  return TopicsOfHour();
}

struct Overview {
  analyze::ActivityFigures figures;
  double avg_engagement = 0;
  std::int64_t human_count = 0;
  std::int64_t activity_window_hours = 48;
  // What the instance says of itself is null: Linnet asks no server on behalf of a reader.
  std::optional<std::int64_t> instance_user_count, instance_status_count, instance_domain_count,
      instance_active_month;
  std::optional<std::string> instance_name;
};
Result<Overview> overview(const Call& call) {
  Overview all;
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(all.figures, analyze::activity_since(
                              *reader, call.api.dependencies.clock.now() - hours(all.activity_window_hours)));
  all.avg_engagement = std::round(all.figures.avg_engagement * 100) / 100;
  all.human_count = all.figures.total_users - all.figures.bot_count;
  return all;
}

}  // namespace

}  // namespace linnet::api

namespace linnet::record {

using namespace linnet::api;
using analyze::ActivityFigures;

template <>
const Entity& entity_of<ShownTopic>() {
  using Shown = ShownTopic;
  static const auto described =
      entity<Shown>({.name = "ForkalyticsTopic"},
                    {field<&Shown::topic>("topic").like("#books"),
                     field<&Shown::summary>("summary").like("12 posts by 9 accounts"),
                     field<&Shown::post_count>("post_count"), field<&Shown::avg_sentiment>("avg_sentiment"),
                     field<&Shown::sample_post_ids>("sample_post_ids")});
  return described;
}
template <>
const Entity& entity_of<TopicsOfHour>() {
  static const auto described =
      entity<TopicsOfHour>({.name = "ForkalyticsTopics"},
                           {field<&TopicsOfHour::hour>("hour"), field<&TopicsOfHour::topics>("topics")});
  return described;
}
template <>
const Entity& entity_of<Overview>() {
  using All = Overview;
  static const auto described = entity<All>(
      {.name = "ForkalyticsOverview"},
      {field<&All::figures, &ActivityFigures::total_users>("total_users"),
       field<&All::figures, &ActivityFigures::active_users>("active_users"),
       field<&All::figures, &ActivityFigures::total_posts>("total_posts"),
       field<&All::figures, &ActivityFigures::recent_posts>("recent_posts"),
       field<&All::avg_engagement>("avg_engagement"),
       field<&All::figures, &ActivityFigures::bot_count>("bot_count"),
       field<&All::human_count>("human_count"), field<&All::activity_window_hours>("activity_window_hours"),
       field<&All::instance_user_count>("instance_user_count"),
       field<&All::instance_status_count>("instance_status_count"),
       field<&All::instance_domain_count>("instance_domain_count"),
       field<&All::instance_active_month>("instance_active_month"),
       field<&All::instance_name>("instance_name")});
  return described;
}

}  // namespace linnet::record

namespace linnet::api {

template <>
struct Shape<TopicsByHour> {
  static json::value show(const TopicsByHour& topics) {
    json::object hours;
    for (const auto& [hour, list] : topics.hours) hours[to_iso8601(hour)] = record::to_json(list);
    return json::object{{"hourly_topics", std::move(hours)}};
  }
  static json::object schema(json::object& components) {
    auto list = Shape<std::vector<ShownTopic>>::schema(components);
    return {
        {"type", "object"},
        {"properties", {{"hourly_topics", {{"type", "object"}, {"additionalProperties", std::move(list)}}}}},
        {"required", json::array{"hourly_topics"}}};
  }
};

std::vector<Route> forkalytics_topic_routes() {
  using net::Method;
  return {
      typed({govern::Permission::read,
             Method::get,
             "/api/stats/overview",
             "Forkalytics: accounts and posts of two days",
             {},
             {}},
            overview),
      typed({govern::Permission::read,
             Method::get,
             "/api/topics/hourly",
             "Forkalytics: what each hour was about",
             {"hours"},
             {}},
            topics_by_hour),
      typed({govern::Permission::read,
             Method::get,
             "/api/topics/current",
             "Forkalytics: what the newest hour is about",
             {},
             {}},
            current_topics),
  };
}

}  // namespace linnet::api
