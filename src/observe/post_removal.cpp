#include "observe/post_removal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "base/json_names.hpp"
#include "observe/erasure_leftovers.hpp"
#include "observe/post_tables.hpp"
#include "observe/tag_hours.hpp"

namespace linnet::observe {
namespace {

Status remove_hashtag(store::Connection& connection, const StoredPost& post, const std::string& name,
                      TagHours& hours) {
  LINNET_TRY(const auto tag,
             store::query_integer(connection, "SELECT id FROM hashtags WHERE instance_id = $1 AND name = $2",
                                  {post.instance.value(), std::string_view(name)}));
  if (!tag) return {};
  hours.note(post.instance, *tag, post.created_at);
  return store::run(
      connection,
      "DELETE FROM post_hashtags WHERE instance_id = $1 AND hashtag_id = $2 AND created_at = $3 "
      "AND post_id = $4",
      {post.instance.value(), *tag, to_micros(post.created_at), std::string_view(post.id)});
}

// All at once: not every table is in the order of posts, and one that is not is gone through once.
Status remove_rows(store::Connection& connection, std::int64_t instance,
                   const std::vector<std::int64_t>& rows) {
  const auto those = fmt::format("instance_id = {} AND row_number IN ({})", instance, fmt::join(rows, ", "));
  for (const auto table : tables_with_posts()) {
    LINNET_CHECK(connection.execute(
        fmt::format("DELETE FROM {} WHERE instance_id = {} AND post_id IN (SELECT id FROM posts WHERE {})",
                    table, instance, those)));
  }
  return connection.execute(fmt::format("DELETE FROM posts WHERE {}", those));
}

}  // namespace

Result<std::vector<StoredPost>> find_posts(store::Connection& connection, std::string_view rest,
                                           std::initializer_list<store::Value> values) {
  std::vector<StoredPost> posts;
  LINNET_CHECK(store::for_each_row(connection,
                                   fmt::format(R"(SELECT row_number, instance_id, id, created_at, hashtags,
                        CASE WHEN taken_down = 0 THEN deleted_at END
                      FROM posts WHERE {})",
                                               rest),
                                   values, [&](const store::Statement& row) {
                                     posts.push_back({row.integer(0), InstanceId(row.integer(1)),
                                                      std::string(row.text(2)), row.instant(3),
                                                      std::string(row.text(4)), row.maybe_instant(5)});
                                   }));
  return posts;
}

Status remove_posts(store::Connection& connection, const std::vector<StoredPost>& posts, ErasedPosts& gone) {
  TagHours hours;
  std::map<std::int64_t, std::vector<std::int64_t>> rows;  // by instance
  for (const auto& post : posts) {
    for (const auto& name : json_names(post.hashtags))
      LINNET_CHECK(remove_hashtag(connection, post, name, hours));
    rows[post.instance.value()].push_back(post.row);
    gone.rows.push_back(post.row);
    gone.hours.insert(floor_hour(post.created_at));
  }
  for (const auto& [instance, numbers] : rows) LINNET_CHECK(remove_rows(connection, instance, numbers));
  return hours.count_again(connection);
}

Status leave_to_followers(store::Connection& connection, const ErasedPosts& gone) {
  LINNET_CHECK(
      store::run(connection,
                 "UPDATE projection_marks SET position = (SELECT COALESCE(MAX(row_number), 0) FROM posts) "
                 "WHERE name IN ('sentiment', 'mentions') AND position > (SELECT COALESCE(MAX(row_number), "
                 "0) FROM posts)"));
  return leave_search_rows(connection, gone.rows);
}

Status apply_posts_removed(store::Connection& connection, const PostsRemoved& fact, ErasedPosts& gone) {
  std::vector<StoredPost> posts;
  std::vector<std::pair<std::string_view, Instant>> deleted;
  for (const std::string_view id : fact.posts) {
    LINNET_TRY(auto found, find_posts(connection, "instance_id = $1 AND id = $2 AND discovered_at < $3",
                                      {fact.instance.value(), id, to_micros(fact.before)}));
    if (found.empty()) continue;
    if (found.front().deleted_at) deleted.emplace_back(id, *found.front().deleted_at);
    posts.push_back(std::move(found.front()));
  }
  if (posts.empty()) return {};
  LINNET_CHECK(remove_posts(connection, posts, gone));
  for (const auto& [id, at] : deleted) {
    LINNET_CHECK(store::run(
        connection, "INSERT INTO post_tombstones (instance_id, post_id, deleted_at) VALUES ($1, $2, $3)",
        {fact.instance.value(), id, to_micros(at)}));
  }
  return leave_to_followers(connection, gone);
}

}  // namespace linnet::observe
