#include "observe/tag_hours.hpp"

#include "observe/hourly_stats.hpp"

namespace linnet::observe {
namespace {

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
    LINNET_CHECK(observe::count_again(connection, hashtag_hours(), {instance, tag, hour}));
  }
  for (const auto& [instance, tag] : tags) LINNET_CHECK(find_ends_again(connection, instance, tag));
  hours_.clear();
  return {};
}

}  // namespace linnet::observe
