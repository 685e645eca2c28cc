#include "observe/hourly_stats.hpp"

#include <algorithm>
#include <vector>

#include "base/hash.hpp"
#include "store/bulk.hpp"

namespace linnet::observe {
namespace {

const SumKeeper& keeper() {
  static const SumKeeper keeper(hashtag_hours());
  return keeper;
}

}  // namespace

const KeptSum& hashtag_hours() {
  static const KeptSum sum{
      .in_words = "hashtag_hourly_stats is what a GROUP BY over the posts that everybody may see gives",
      .table = "hashtag_hourly_stats",
      .keys = {"instance_id", "hashtag_id", "hour_ts"},
      .sums = {"posts_using_tag", "unique_accounts_using_tag", "total_engagement"},
      .recount =
          "SELECT t.instance_id, t.hashtag_id, "
          "p.created_at - ((p.created_at % 3600000000) + 3600000000) % 3600000000, count(*), "
          "count(DISTINCT p.account_id), sum(p.engagement_score) FROM post_hashtags t JOIN posts p ON "
          "p.instance_id = t.instance_id AND p.id = t.post_id WHERE p.followers_only = 0{and} GROUP BY "
          "1, 2, 3",
      .of_row =
          " AND t.instance_id = $1 AND t.hashtag_id = $2 AND t.created_at >= $3 AND t.created_at < $3 + "
          "3600000000",
  };
  return sum;
}

std::size_t HourlyStats::TagHourHash::operator()(const TagHour& key) const {
  return fast_hash({reinterpret_cast<const char*>(&key), sizeof(key)});
}

std::uint64_t HourlyStats::use_key(const KnownHashtag& tag, std::string_view account) const {
  return fast_hash(account, hash_seed_ ^ (static_cast<std::uint64_t>(tag.id) * 0x9E3779B97F4A7C15U));
}

HourlyStats::Difference& HourlyStats::difference(const KnownHashtag& tag, Instant hour) {
  auto& difference = differences_[{tag.id, to_micros(hour)}];
  difference.instance = tag.instance;
  return difference;
}

Result<HourlyStats::Hour*> HourlyStats::load(store::Connection& connection, const KnownHashtag& tag,
                                             Instant hour) {
  auto& known = hours_[hour];
  if (!known.loaded_tags.insert(tag.id).second) return &known;
  // The tag has not been used since before this hour: there is nothing to read.
  if (!tag.is_stored || !tag.stored_last_seen || *tag.stored_last_seen < hour) return &known;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT p.account_id FROM post_hashtags t JOIN posts p ON p.instance_id = t.instance_id AND p.id = "
      "t.post_id "
      "WHERE t.instance_id = $1 AND t.hashtag_id = $2 AND t.created_at >= $3 AND t.created_at < $4 AND "
      "p.followers_only = 0",
      {tag.instance, tag.id, to_micros(hour), to_micros(hour + std::chrono::hours(1))},
      [&](const store::Statement& row) { ++known.posts[use_key(tag, row.text(0))]; }));
  return &known;
}

Status HourlyStats::add(store::Connection& connection, const KnownHashtag& tag, Instant created_at,
                        std::string_view account, std::int64_t score) {
  const auto hour = floor_hour(created_at);
  LINNET_TRY(Hour * known, load(connection, tag, hour));
  auto& change = difference(tag, hour);
  ++change.posts;
  change.engagement += score;
  if (++known->posts[use_key(tag, account)] == 1) ++change.accounts;
  return {};
}

Status HourlyStats::remove(store::Connection& connection, const KnownHashtag& tag, Instant created_at,
                           std::string_view account, std::int64_t score) {
  const auto hour = floor_hour(created_at);
  LINNET_TRY(Hour * known, load(connection, tag, hour));
  auto& change = difference(tag, hour);
  --change.posts;
  change.engagement -= score;
  const auto use = known->posts.find(use_key(tag, account));
  if (use != known->posts.end() && --use->second == 0) {
    known->posts.erase(use);
    --change.accounts;
  }
  return {};
}

void HourlyStats::rescore(const KnownHashtag& tag, Instant created_at, std::int64_t amount) {
  difference(tag, floor_hour(created_at)).engagement += amount;
}

Status HourlyStats::write(store::Connection& connection) {
  std::vector<std::pair<TagHour, Difference>> ordered(differences_.begin(), differences_.end());
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second.instance, a.first) < std::tie(b.second.instance, b.first);
  });
  store::RowBatch rows(6);
  store::RowBatch emptied(4);
  for (const auto& [key, change] : ordered) {
    if (change.posts == 0 && change.accounts == 0 && change.engagement == 0) continue;
    rows.add_row(change.instance, key.tag, key.hour, change.posts, change.accounts, change.engagement);
    if (change.posts < 0) emptied.add_row(change.instance, key.tag, key.hour, std::int64_t{0});
  }
  differences_.clear();
  LINNET_CHECK(keeper().add(connection, rows, emptied));
  forget_old_hours();
  return {};
}

void HourlyStats::forget_old_hours() {
  std::size_t posts = 0;
  for (const auto& [hour, known] : hours_) posts += known.posts.size() + known.loaded_tags.size();
  while (posts > kMostPosts && hours_.size() > 1) {
    const auto oldest = hours_.begin();
    posts -= oldest->second.posts.size() + oldest->second.loaded_tags.size();
    hours_.erase(oldest);
  }
}

void HourlyStats::forget() {
  hours_.clear();
  differences_.clear();
}

}  // namespace linnet::observe
