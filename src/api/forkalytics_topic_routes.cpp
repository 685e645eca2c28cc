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
#include "api/routes.hpp"
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

json::array topics_json(const HourTopics& topics) {
  std::vector<const Topic*> ordered;
  for (const auto& [name, topic] : topics) {
    if (topic.posts >= kLeastPosts) ordered.push_back(&topic);
  }
  std::sort(ordered.begin(), ordered.end(), [](const Topic* a, const Topic* b) {
    return std::tie(b->posts, a->name) < std::tie(a->posts, b->name);
  });
  if (ordered.size() > kTopicsAnHour) ordered.resize(kTopicsAnHour);
  json::array list;
  for (const auto* topic : ordered) {
    json::array sample(topic->sample.begin(), topic->sample.end());
    list.push_back(json::object{
        {"topic", "#" + topic->name},
        {"summary", fmt::format("{} posts by {} accounts", topic->posts, topic->accounts.size())},
        {"post_count", topic->posts},
        {"avg_sentiment", topic->scored > 0
                              ? json::value(topic->score_sum / static_cast<double>(topic->scored))
                              : json::value()},
        {"sample_post_ids", std::move(sample)}});
  }
  return list;
}

Answer topics_by_hour(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto window, given.integer("hours", 24, 1, 168));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto by_hour,
             count_topics(*reader, floor_hour(call.api.dependencies.clock.now()) - hours(window)));
  json::object list;
  for (const auto& [hour, topics] : by_hour) {
    if (auto found = topics_json(topics); !found.empty()) list[to_iso8601(hour)] = std::move(found);
  }
  return json::object{{"hourly_topics", list}};
}

Answer current_topics(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto newest, analyze::newest_post_at(*reader));
  json::object answer{{"hour", nullptr}, {"topics", json::array()}};
  if (!newest) return answer;
  LINNET_TRY(const auto by_hour, count_topics(*reader, floor_hour(*newest) - hours(24)));
  for (auto hour = by_hour.rbegin(); hour != by_hour.rend(); ++hour) {
    auto topics = topics_json(hour->second);
    if (topics.empty()) continue;
    answer = {{"hour", to_iso8601(hour->first)}, {"topics", std::move(topics)}};
    break;
  }
  return answer;
}

// What the instance says of itself is null: Linnet asks no server on behalf of a reader.
Answer overview(const Call& call) {
  constexpr std::int64_t kWindow = 48;
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto figures,
             analyze::activity_since(*reader, call.api.dependencies.clock.now() - hours(kWindow)));
  json::object answer{{"total_users", figures.total_users},
                      {"active_users", figures.active_users},
                      {"total_posts", figures.total_posts},
                      {"recent_posts", figures.recent_posts},
                      {"avg_engagement", std::round(figures.avg_engagement * 100) / 100},
                      {"bot_count", figures.bot_count},
                      {"human_count", figures.total_users - figures.bot_count},
                      {"activity_window_hours", kWindow}};
  for (const auto* name : {"instance_user_count", "instance_status_count", "instance_domain_count",
                           "instance_active_month", "instance_name"}) {
    answer[name] = nullptr;
  }
  return answer;
}

}  // namespace

std::vector<Route> forkalytics_topic_routes() {
  using net::Method;
  return {
      {govern::Permission::read,
       Method::get,
       "/api/stats/overview",
       "Forkalytics: accounts and posts of two days",
       {},
       overview},
      {govern::Permission::read,
       Method::get,
       "/api/topics/hourly",
       "Forkalytics: what each hour was about",
       {"hours"},
       topics_by_hour},
      {govern::Permission::read,
       Method::get,
       "/api/topics/current",
       "Forkalytics: what the newest hour is about",
       {},
       current_topics},
  };
}

}  // namespace linnet::api
