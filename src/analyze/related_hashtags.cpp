// Hashtags on the same posts. Only posts with the hashtag are read, and counts of those that may be shown.
#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "analyze/co_occurrence.hpp"
#include "analyze/hashtag_figures.hpp"
#include "base/hashtag_name.hpp"
#include "base/json_names.hpp"

namespace linnet::analyze {
namespace {

using store::Engine;
using store::Statement;

struct Span {
  std::int64_t after, to;  // microseconds; the first is not in it
};

// The posts with a hashtag of that name on any instance that still stand: CROSS JOIN keeps SQLite's order.
std::string posts_with(const store::Connection& connection, std::string_view columns) {
  const std::string join = connection.engine() == Engine::sqlite ? "CROSS JOIN" : "JOIN";
  return "SELECT " + std::string(columns) + " FROM hashtags h " + join +
         " post_hashtags t ON t.instance_id = h.instance_id AND t.hashtag_id = h.id " + join +
         R"( posts p ON p.instance_id = t.instance_id AND p.id = t.post_id
            WHERE h.name = $1 AND t.created_at > $2 AND t.created_at <= $3 AND p.deleted_at IS NULL
              AND p.followers_only = 0)";
}

struct Beside {
  std::int64_t posts = 0;  // with the hashtag
  std::vector<std::pair<std::string, std::int64_t>> tags;
};

Result<Beside> tags_beside(store::Connection& connection, const std::string& name, const Span& span) {
  Beside beside;
  std::unordered_map<std::string, std::int64_t> counts;
  LINNET_CHECK(store::for_each_row(connection, posts_with(connection, "p.hashtags"),
                                   {std::string_view(name), span.after, span.to}, [&](const Statement& row) {
                                     ++beside.posts;
                                     const auto tags = json_names(row.text(0));
                                     if (tags.size() > kMostTagsOnPost) return;
                                     for (const auto& tag : tags) ++counts[tag];
                                   }));
  counts.erase(name);
  beside.tags.assign(counts.begin(), counts.end());
  return beside;
}

// Those that may be among the first so many, whatever their lift.
void keep_most_frequent(std::vector<std::pair<std::string, std::int64_t>>& tags, std::size_t limit) {
  std::sort(tags.begin(), tags.end(), [](const auto& a, const auto& b) {
    return std::tie(b.second, a.first) < std::tie(a.second, b.first);
  });
  if (tags.size() <= limit || limit == 0) return;
  const auto least = tags[limit - 1].second;
  while (tags.back().second < least) tags.pop_back();
}

Result<std::int64_t> posts_in(store::Connection& connection, const Span& span) {
  const auto count = [&](std::string_view condition) {
    return store::query_integer(connection,
                                R"(SELECT count(*) FROM instances i
                                   JOIN posts p ON p.instance_id = i.id
                                   WHERE p.created_at > $1 AND p.created_at <= $2)" +
                                    std::string(condition),
                                {span.after, span.to});
  };
  // Two counts that indexes answer by themselves.
  LINNET_TRY(const auto all, count(""));
  LINNET_TRY(const auto deleted, count(" AND p.deleted_at IS NOT NULL"));
  return all.value_or(0) - deleted.value_or(0);
}

}  // namespace

Result<std::vector<RelatedTag>> related_hashtags(store::Connection& connection, const std::string& name,
                                                 Instant at, Duration window, std::size_t limit) {
  const Span span{to_micros(at - window), to_micros(at)};
  Beside beside;
  for (const auto& known_as : hashtag_names(name)) {
    LINNET_TRY(beside, tags_beside(connection, known_as, span));
    if (beside.posts > 0) break;
  }
  keep_most_frequent(beside.tags, limit);
  std::vector<RelatedTag> related;
  if (beside.tags.empty()) return related;
  LINNET_TRY(const auto posts, posts_in(connection, span));
  for (auto& [tag, count] : beside.tags) {
    LINNET_TRY(const auto with_tag, store::query_integer(connection, posts_with(connection, "count(*)"),
                                                         {std::string_view(tag), span.after, span.to}));
    const double lift = static_cast<double>(posts) * static_cast<double>(count) /
                        (static_cast<double>(beside.posts) * static_cast<double>(with_tag.value_or(count)));
    related.push_back({std::move(tag), count, lift});
  }
  std::sort(related.begin(), related.end(), [](const RelatedTag& a, const RelatedTag& b) {
    return std::tie(b.count, b.lift, a.name) < std::tie(a.count, a.lift, b.name);
  });
  if (related.size() > limit) related.resize(limit);
  return related;
}

}  // namespace linnet::analyze
