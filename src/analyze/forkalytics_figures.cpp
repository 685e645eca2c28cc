#include "analyze/forkalytics_figures.hpp"

#include "analyze/sentiment_vader.hpp"
#include "store/record/sql.hpp"

namespace linnet::analyze {
namespace {

// Of posts with what is thought of their newest version; which of them: `p.created_at >= $1`.
constexpr std::string_view kScoredPosts = R"(posts p
    JOIN post_sentiments s ON s.instance_id = p.instance_id AND s.post_id = p.id
      AND s.status_version_seq = p.version_seq)";
constexpr std::string_view kPostsWithScores = R"(posts p
    LEFT JOIN post_sentiments s ON s.instance_id = p.instance_id AND s.post_id = p.id
      AND s.status_version_seq = p.version_seq)";
constexpr std::string_view kByHour = R"(
    p.created_at >= $1 AND p.deleted_at IS NULL AND p.followers_only = 0
    GROUP BY p.created_at - p.created_at % 3600000000 ORDER BY 1)";
constexpr std::string_view kHour = "p.created_at - p.created_at % 3600000000";

}  // namespace

Result<std::vector<HashtagCount>> count_hashtags(store::Connection& connection, Instant since,
                                                 std::int64_t limit) {
  return record::find_all<HashtagCount>(connection, R"(
      h.last_seen_at >= $1 AND t.created_at >= $1 AND p.deleted_at IS NULL AND p.followers_only = 0
      GROUP BY h.name ORDER BY 2 DESC, 1 LIMIT $2)",
                                        {to_micros(since), limit});
}

Result<ForkalyticsStats> forkalytics_stats(store::Connection& connection, Instant now) {
  LINNET_TRY(auto stats, record::find_first<ForkalyticsStats>(
                             connection, "1 = 1", {to_micros(floor_day(now)), to_micros(floor_hour(now))}));
  LINNET_TRY(const auto sentiment, record::find_first<SentimentShares>(connection, R"(
      (instance_id, post_id) NOT IN (SELECT instance_id, id FROM posts WHERE followers_only = 1))"));
  auto all = stats.value_or(ForkalyticsStats());
  if (sentiment) all.sentiment = *sentiment;
  return all;
}

Result<std::vector<HourFigures>> figures_by_hour(store::Connection& connection, Instant since) {
  return record::find_all<HourFigures>(connection, kByHour, {to_micros(since)});
}

Result<std::vector<HourSentiment>> sentiment_by_hour(store::Connection& connection, Instant since) {
  return record::find_all<HourSentiment>(connection, kByHour, {to_micros(since)});
}

Status for_each_topic_post(store::Connection& connection, Instant since,
                           const std::function<void(const TopicPost&)>& on_post) {
  return record::for_each<TopicPost>(connection, R"(
      p.created_at >= $1 AND p.deleted_at IS NULL AND p.followers_only = 0 AND p.hashtags IS NOT NULL
      ORDER BY p.engagement_score DESC, p.id)",
                                     {to_micros(since), kVaderModel}, on_post);
}

Result<std::optional<Instant>> newest_post_at(store::Connection& connection) {
  LINNET_TRY(const auto newest, store::query_integer(connection, "SELECT max(created_at) FROM posts"));
  return newest ? std::optional(from_micros(*newest)) : std::nullopt;
}

Result<ActivityFigures> activity_since(store::Connection& connection, Instant since) {
  LINNET_TRY(
      const auto found,
      record::find_first<ActivityFigures>(
          connection, "created_at >= $1 AND deleted_at IS NULL AND followers_only = 0", {to_micros(since)}));
  return found.value_or(ActivityFigures());
}

}  // namespace linnet::analyze

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::HashtagCount>() {
  using linnet::analyze::HashtagCount;
  static const Entity described =
      entity<HashtagCount>({.name = "HashtagCount", .table = R"(hashtags h
         JOIN post_hashtags t ON t.instance_id = h.instance_id AND t.hashtag_id = h.id
         JOIN posts p ON p.instance_id = t.instance_id AND p.id = t.post_id)"},
                           {field<&HashtagCount::hashtag>("hashtag").worked_out("h.name"),
                            field<&HashtagCount::count>("count").worked_out("count(*)")});
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::SentimentShares>() {
  using linnet::analyze::SentimentShares;
  static const Entity described = entity<SentimentShares>(
      {.name = "SentimentShares", .table = "post_sentiments"},
      {field<&SentimentShares::avg_sentiment>("avg_sentiment").worked_out("avg(score)"),
       field<&SentimentShares::positive_count>("positive_count")
           .worked_out("sum(CASE WHEN sentiment_label = 'positive' THEN 1 ELSE 0 END)"),
       field<&SentimentShares::negative_count>("negative_count")
           .worked_out("sum(CASE WHEN sentiment_label = 'negative' THEN 1 ELSE 0 END)"),
       field<&SentimentShares::neutral_count>("neutral_count")
           .worked_out("sum(CASE WHEN sentiment_label = 'neutral' THEN 1 ELSE 0 END)"),
       field<&SentimentShares::total_analyzed>("total_analyzed").worked_out("count(*)")});
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::ForkalyticsStats>() {
  using linnet::analyze::ForkalyticsStats;
  static const Entity described = entity<ForkalyticsStats>(
      {.name = "ForkalyticsStats", .table = "(SELECT 1 AS one) AS once"},
      {field<&ForkalyticsStats::total_posts>("total_posts")
           .worked_out("(SELECT count(*) FROM posts WHERE deleted_at IS NULL AND followers_only = 0)"),
       field<&ForkalyticsStats::total_accounts>("total_accounts")
           .worked_out("(SELECT count(*) FROM platform_users)"),
       field<&ForkalyticsStats::posts_today>("posts_today").worked_out(R"((
           SELECT count(*) FROM posts WHERE created_at >= $1 AND deleted_at IS NULL AND followers_only = 0))"),
       field<&ForkalyticsStats::posts_this_hour>("posts_this_hour").worked_out(R"((
           SELECT count(*) FROM posts WHERE created_at >= $2 AND deleted_at IS NULL AND followers_only = 0))"),
       field<&ForkalyticsStats::avg_engagement>("avg_engagement").worked_out(R"((
           SELECT avg(engagement_score * 1.0) FROM posts WHERE deleted_at IS NULL AND followers_only = 0))"),
       field<&ForkalyticsStats::mastodon_instance>("mastodon_instance")
           .worked_out("(SELECT base_url FROM instances ORDER BY id LIMIT 1)"),
       field<&ForkalyticsStats::sentiment>("sentiment").in_json_only()});
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::HourFigures>() {
  using linnet::analyze::HourFigures;
  static const Entity described = entity<HourFigures>(
      {.name = "HourFigures", .table = linnet::analyze::kPostsWithScores},
      {field<&HourFigures::hour>("hour").worked_out(linnet::analyze::kHour),
       field<&HourFigures::post_count>("post_count").worked_out("count(*)"),
       field<&HourFigures::reblog_count>("reblog_count").worked_out("sum(p.reblogs_count)"),
       field<&HourFigures::reply_count>("reply_count").worked_out("sum(p.replies_count)"),
       field<&HourFigures::total_engagement>("total_engagement").worked_out("sum(p.engagement_score)"),
       field<&HourFigures::avg_engagement>("avg_engagement").worked_out("avg(p.engagement_score * 1.0)"),
       field<&HourFigures::avg_sentiment>("avg_sentiment").worked_out("avg(s.score)")});
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::HourSentiment>() {
  using linnet::analyze::HourSentiment;
  static const Entity described =
      entity<HourSentiment>({.name = "HourSentiment", .table = linnet::analyze::kScoredPosts},
                            {field<&HourSentiment::hour>("hour").worked_out(linnet::analyze::kHour),
                             field<&HourSentiment::avg_sentiment>("avg_sentiment").worked_out("avg(s.score)"),
                             field<&HourSentiment::count>("count").worked_out("count(*)")});
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::TopicPost>() {
  using linnet::analyze::TopicPost;
  static const Entity described =
      entity<TopicPost>({.name = "TopicPost", .table = R"(posts p
         LEFT JOIN post_sentiments s ON s.instance_id = p.instance_id AND s.post_id = p.id
           AND s.status_version_seq = p.version_seq AND s.model = $2)"},
                        {field<&TopicPost::id>("id").worked_out("p.id"),
                         field<&TopicPost::account_id>("account_id").worked_out("p.account_id"),
                         field<&TopicPost::hashtags>("hashtags").worked_out("p.hashtags").json(),
                         field<&TopicPost::created_at>("created_at").worked_out("p.created_at"),
                         field<&TopicPost::score>("score").worked_out("s.score")});
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::ActivityFigures>() {
  using linnet::analyze::ActivityFigures;
  static const Entity described = entity<ActivityFigures>(
      {.name = "ActivityFigures", .table = "posts"},
      {field<&ActivityFigures::total_users>("total_users")
           .worked_out("(SELECT count(*) FROM platform_users)"),
       field<&ActivityFigures::active_users>("active_users").worked_out("count(DISTINCT account_id)"),
       field<&ActivityFigures::total_posts>("total_posts")
           .worked_out("(SELECT count(*) FROM posts WHERE deleted_at IS NULL AND followers_only = 0)"),
       field<&ActivityFigures::recent_posts>("recent_posts").worked_out("count(*)"),
       field<&ActivityFigures::avg_engagement>("avg_engagement").worked_out("avg(engagement_score * 1.0)"),
       field<&ActivityFigures::bot_count>("bot_count")
           .worked_out("(SELECT count(*) FROM platform_users WHERE is_bot = 1)")});
  return described;
}
