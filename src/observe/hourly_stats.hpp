// Keeps hashtag_hourly_stats at every commit exactly what a GROUP BY over post_hashtags and the posts that
// everybody may see would give: what only followers see stands in no figure.
#pragma once

#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/instant.hpp"
#include "observe/kept_sum.hpp"
#include "observe/known_hashtags.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

const KeptSum& hashtag_hours();

// Not thread-safe. After a failed transaction call forget().
class HourlyStats {
 public:
  explicit HourlyStats(std::uint64_t hash_seed) : hash_seed_(hash_seed) {}

  // A post that everybody may see and that has the tag appears, disappears, or changes its engagement score.
  // Before post_hashtags and posts are written: who used the tag so far is read from them where it is not
  // remembered.
  Status add(store::Connection& connection, const KnownHashtag& tag, Instant created_at,
             std::string_view account, std::int64_t score);
  Status remove(store::Connection& connection, const KnownHashtag& tag, Instant created_at,
                std::string_view account, std::int64_t score);
  void rescore(const KnownHashtag& tag, Instant created_at, std::int64_t difference);

  Status write(store::Connection& connection);
  void forget();

 private:
  struct Difference {
    std::int64_t instance = 0;
    std::int64_t posts = 0;
    std::int64_t accounts = 0;
    std::int64_t engagement = 0;
  };
  // Who used which tag in one hour: posts per (tag, account), both hashed together, for the tags that were
  // loaded.
  struct Hour {
    std::unordered_map<std::uint64_t, std::uint32_t> posts;
    std::unordered_set<std::int64_t> loaded_tags;
  };
  struct TagHour {
    std::int64_t tag;
    std::int64_t hour;
    friend auto operator<=>(const TagHour&, const TagHour&) = default;
  };
  struct TagHourHash {
    std::size_t operator()(const TagHour& key) const;
  };
  static constexpr std::size_t kMostPosts = 150'000;  // remembered, over all hours

  Difference& difference(const KnownHashtag& tag, Instant hour);
  std::uint64_t use_key(const KnownHashtag& tag, std::string_view account) const;
  Result<Hour*> load(store::Connection& connection, const KnownHashtag& tag, Instant hour);
  void forget_old_hours();

  std::uint64_t hash_seed_;
  std::map<Instant, Hour> hours_;
  std::unordered_map<TagHour, Difference, TagHourHash> differences_;
};

}  // namespace linnet::observe
