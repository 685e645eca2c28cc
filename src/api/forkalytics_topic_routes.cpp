// What Forkalytics asked a language model for, topics by the hour, and its overview. Here a topic is a
// hashtag, and its summary says what was counted.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "analyze/sentiment_vader.hpp"
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

void count_post(HourTopics& topics, const store::Statement& row) {
  for (auto& name : json_names(row.text(1))) {
    auto& topic = topics[name];
    topic.name = std::move(name);
    ++topic.posts;
    topic.accounts.emplace(row.text(2));
    if (topic.sample.size() < kSamplePosts) topic.sample.emplace_back(row.text(3));
    if (row.is_null(4)) continue;
    topic.score_sum += row.real(4);
    ++topic.scored;
  }
}

// By hour, the oldest first.
Result<std::map<Instant, HourTopics>> count_topics(store::Connection& connection, Instant from) {
  std::map<Instant, HourTopics> by_hour;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT p.created_at, p.hashtags, p.account_id, p.id, s.score FROM posts p LEFT JOIN post_sentiments s "
      "ON "
      "s.instance_id = p.instance_id AND s.post_id = p.id AND s.status_version_seq = p.version_seq AND "
      "s.model = $2 "
      "WHERE p.created_at >= $1 AND p.deleted_at IS NULL AND p.hashtags IS NOT NULL "
      "ORDER BY p.engagement_score DESC, p.id",
      {to_micros(from), analyze::kVaderModel},
      [&](const store::Statement& row) { count_post(by_hour[floor_hour(row.instant(0))], row); }));
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
  LINNET_TRY(const auto newest, store::query_integer(*reader, "SELECT max(created_at) FROM posts"));
  json::object answer{{"hour", nullptr}, {"topics", json::array()}};
  if (!newest) return answer;
  LINNET_TRY(const auto by_hour, count_topics(*reader, floor_hour(from_micros(*newest)) - hours(24)));
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
  json::object answer;
  LINNET_CHECK(store::for_each_row(
      *reader,
      "SELECT (SELECT count(*) FROM platform_users), "
      "(SELECT count(*) FROM platform_users WHERE is_bot = 1), "
      "(SELECT count(*) FROM posts WHERE deleted_at IS NULL), count(*), count(DISTINCT account_id), "
      "avg(engagement_score * 1.0) FROM posts WHERE created_at >= $1 AND deleted_at IS NULL",
      {to_micros(call.api.dependencies.clock.now() - hours(kWindow))}, [&](const store::Statement& row) {
        answer = {{"total_users", row.integer(0)},
                  {"active_users", row.integer(4)},
                  {"total_posts", row.integer(2)},
                  {"recent_posts", row.integer(3)},
                  {"avg_engagement", std::round(row.real(5) * 100) / 100},
                  {"bot_count", row.integer(1)},
                  {"human_count", row.integer(0) - row.integer(1)},
                  {"activity_window_hours", kWindow}};
      }));
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
