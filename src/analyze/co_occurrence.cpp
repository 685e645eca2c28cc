#include "analyze/co_occurrence.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace linnet::analyze {
namespace {

using Counts = std::unordered_map<std::int64_t, std::int64_t>;
using Pair = std::pair<std::int64_t, std::int64_t>;

// Calls `visit` with the distinct tags of each post, in ascending order.
template <typename Visit>
void for_each_post(std::span<const TaggedPost> rows, Visit visit) {
  std::vector<std::int64_t> tags;
  for (std::size_t i = 0; i < rows.size();) {
    tags.clear();
    const auto post = rows[i].post;
    for (; i < rows.size() && rows[i].post == post; ++i) tags.push_back(rows[i].tag);
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    visit(std::span<const std::int64_t>(tags));
  }
}

TagPair rated(Pair pair, std::int64_t count, const Counts& counts, std::int64_t posts) {
  const auto with_a = static_cast<double>(counts.at(pair.first));
  const auto with_b = static_cast<double>(counts.at(pair.second));
  const double lift = static_cast<double>(posts) * static_cast<double>(count) / (with_a * with_b);
  return {pair.first, pair.second, count, lift};
}

void sort_by_count(std::vector<TagPair>& pairs) {
  std::sort(pairs.begin(), pairs.end(), [](const TagPair& x, const TagPair& y) {
    return std::tuple(-x.count, -x.lift, x.a, x.b) < std::tuple(-y.count, -y.lift, y.a, y.b);
  });
}

}  // namespace

std::vector<TagPair> co_occurring_tags(std::span<const TaggedPost> rows, std::int64_t posts,
                                       std::int64_t min_count) {
  Counts counts;
  std::vector<Pair>
      seen;  // Sorted and counted at the end: faster than a hash table of pairs, and half the memory.
  for_each_post(rows, [&](std::span<const std::int64_t> tags) {
    for (const auto tag : tags) ++counts[tag];
    if (tags.size() > kMostTagsOnPost) return;
    for (std::size_t i = 0; i < tags.size(); ++i) {
      for (std::size_t j = i + 1; j < tags.size(); ++j) seen.emplace_back(tags[i], tags[j]);
    }
  });
  std::sort(seen.begin(), seen.end());
  std::vector<TagPair> pairs;
  for (auto at = seen.begin(); at != seen.end();) {
    const auto end = std::upper_bound(at, seen.end(), *at);
    if (end - at >= min_count) pairs.push_back(rated(*at, end - at, counts, posts));
    at = end;
  }
  sort_by_count(pairs);
  return pairs;
}

std::vector<TagPair> tags_beside(std::int64_t tag, std::span<const TaggedPost> rows, std::int64_t posts,
                                 std::int64_t min_count) {
  Counts counts;
  Counts beside;
  for_each_post(rows, [&](std::span<const std::int64_t> tags) {
    for (const auto other : tags) ++counts[other];
    if (tags.size() > kMostTagsOnPost || !std::binary_search(tags.begin(), tags.end(), tag)) return;
    for (const auto other : tags) ++beside[other];
  });
  beside.erase(tag);
  std::vector<TagPair> pairs;
  for (const auto& [other, count] : beside) {
    if (count >= min_count) pairs.push_back(rated(std::minmax(tag, other), count, counts, posts));
  }
  sort_by_count(pairs);
  return pairs;
}

}  // namespace linnet::analyze
