// The figures that Forkalytics' own endpoints gave, in the shapes that they had there. Of posts that
// everybody may see, and that are not deleted.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::analyze {

struct HashtagCount {
  std::string hashtag;
  std::int64_t count = 0;
};
// The most used first.
Result<std::vector<HashtagCount>> count_hashtags(store::Connection& connection, Instant since,
                                                 std::int64_t limit);

struct SentimentShares {
  double avg_sentiment = 0;
  std::int64_t positive_count = 0;
  std::int64_t negative_count = 0;
  std::int64_t neutral_count = 0;
  std::int64_t total_analyzed = 0;
};
struct ForkalyticsStats {
  std::int64_t total_posts = 0;
  std::int64_t total_accounts = 0;
  std::int64_t posts_today = 0;
  std::int64_t posts_this_hour = 0;
  double avg_engagement = 0;
  std::string mastodon_instance;  // the first that was watched
  SentimentShares sentiment;
};
Result<ForkalyticsStats> forkalytics_stats(store::Connection& connection, Instant now);

struct HourFigures {
  Instant hour{};
  std::int64_t post_count = 0;
  std::int64_t reblog_count = 0;
  std::int64_t reply_count = 0;
  std::int64_t total_engagement = 0;
  double avg_engagement = 0;
  std::optional<double> avg_sentiment;
};
// The oldest first.
Result<std::vector<HourFigures>> figures_by_hour(store::Connection& connection, Instant since);

struct HourSentiment {
  Instant hour{};
  double avg_sentiment = 0;
  std::int64_t count = 0;
};
Result<std::vector<HourSentiment>> sentiment_by_hour(store::Connection& connection, Instant since);

// A post as topics count it.
struct TopicPost {
  std::string id;
  std::string account_id;
  std::string hashtags;  // a JSON list
  Instant created_at{};
  std::optional<double> score;
};
// Those with the most engagement first.
Status for_each_topic_post(store::Connection& connection, Instant since,
                           const std::function<void(const TopicPost&)>& on_post);
Result<std::optional<Instant>> newest_post_at(store::Connection& connection);

struct ActivityFigures {
  std::int64_t total_users = 0;
  std::int64_t active_users = 0;
  std::int64_t total_posts = 0;
  std::int64_t recent_posts = 0;
  double avg_engagement = 0;
  std::int64_t bot_count = 0;
};
Result<ActivityFigures> activity_since(store::Connection& connection, Instant since);

}  // namespace linnet::analyze

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::HashtagCount>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::SentimentShares>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::ForkalyticsStats>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::HourFigures>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::HourSentiment>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::TopicPost>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::ActivityFigures>();
