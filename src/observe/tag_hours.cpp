#include "observe/tag_hours.hpp"

namespace linnet::observe {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;  // microseconds

Status find_ends_again(store::Connection& connection, std::int64_t instance, std::int64_t tag) {
  LINNET_CHECK(store::run(connection,
                          "UPDATE hashtags SET first_seen_at = (SELECT min(created_at) FROM post_hashtags "
                          "WHERE instance_id = $1 AND hashtag_id = $2), last_seen_at = (SELECT "
                          "max(created_at) FROM post_hashtags WHERE instance_id = $1 AND hashtag_id = $2) "
                          "WHERE id = $2",
                          {instance, tag}));
  return store::run(connection, "DELETE FROM hashtags WHERE id = $1 AND first_seen_at IS NULL", {tag});
}

}  // namespace

void TagHours::note(InstanceId instance, std::int64_t hashtag, Instant created_at) {
  hours_.insert({instance.value(), hashtag, to_micros(floor_hour(created_at))});
}

Status TagHours::count_again(store::Connection& connection) {
  std::set<std::pair<std::int64_t, std::int64_t>> tags;
  for (const auto& [instance, tag, hour] : hours_) {
    tags.emplace(instance, tag);
    LINNET_CHECK(store::run(connection,
                            "DELETE FROM hashtag_hourly_stats WHERE instance_id = $1 AND hashtag_id = $2 AND "
                            "hour_ts = $3",
                            {instance, tag, hour}));
    LINNET_CHECK(store::run(
        connection,
        "INSERT INTO hashtag_hourly_stats (instance_id, hashtag_id, hour_ts, posts_using_tag, "
        "unique_accounts_using_tag, total_engagement) SELECT $1, $2, $3, count(*), count(DISTINCT "
        "p.account_id), sum(p.engagement_score) FROM post_hashtags t JOIN posts p ON p.instance_id = "
        "t.instance_id AND p.id = t.post_id WHERE t.instance_id = $1 AND t.hashtag_id = $2 AND "
        "t.created_at >= $3 AND t.created_at < $4 AND p.followers_only = 0 HAVING count(*) > 0",
        {instance, tag, hour, hour + kHour}));
  }
  for (const auto& [instance, tag] : tags) LINNET_CHECK(find_ends_again(connection, instance, tag));
  hours_.clear();
  return {};
}

}  // namespace linnet::observe
