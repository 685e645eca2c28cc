#include "analyze/post_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analyze/post_row.hpp"

namespace linnet::analyze {

using store::Statement;

namespace {

bool is_scored(const VersionView& version) {
  return version.sentiment && version.sentiment->label != kNotScored;
}

}  // namespace

Result<PostView> find_post(store::Connection& connection, InstanceId instance, const std::string& id) {
  std::optional<PostView> post;
  const auto sql = select_posts("posts p") + "WHERE p.instance_id = $1 AND p.id = $2";
  LINNET_CHECK(store::for_each_row(connection, sql, {instance.value(), std::string_view(id)},
                                   [&](const Statement& row) { post = read_post(row); }));
  if (!post) return not_found(fmt::format("id: there is no post {} on instance {}", id, instance.value()));
  return std::move(*post);
}

Result<std::vector<VersionView>> versions_of(store::Connection& connection, const PostView& post) {
  std::vector<VersionView> versions;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT v.version_seq, v.valid_from, v.valid_to, v.edited_at, v.content_html, v.content_text,
           v.spoiler_text, s.sentiment_label, s.score, v.attached
         FROM (SELECT instance_id, post_id, version_seq, valid_from, valid_to, edited_at, content_html,
           content_text, spoiler_text, attached FROM post_past_versions WHERE instance_id = $1
           AND post_id = $2 UNION ALL SELECT instance_id, id, version_seq, valid_from, NULL, edited_at,
           content_html, content_text, spoiler_text, attached FROM posts WHERE instance_id = $1 AND id = $2
           AND version_seq > 0) v
         LEFT JOIN post_sentiments s ON s.instance_id = v.instance_id AND s.post_id = v.post_id
           AND s.status_version_seq = v.version_seq AND s.model = 'vader-3.3.2' ORDER BY v.version_seq)",
      {post.instance.value(), std::string_view(post.id)}, [&](const Statement& row) {
        versions.push_back({row.integer(0), row.instant(1), row.maybe_instant(2), row.maybe_instant(3),
                            std::string(row.text(4)), std::string(row.text(5)), std::string(row.text(6)),
                            sentiment_at(row, 7, post.language.value_or(""), row.text(5)),
                            std::string(row.text(9))});
      }));
  return versions;
}

Result<std::vector<SnapshotView>> snapshots_of(store::Connection& connection, const PostView& post) {
  std::vector<SnapshotView> snapshots;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT captured_at, replies_count, reblogs_count, favourites_count, engagement_score
         FROM post_metric_snapshots
         WHERE instance_id = $1 AND post_id = $2 ORDER BY captured_at)",
      {post.instance.value(), std::string_view(post.id)}, [&](const Statement& row) {
        snapshots.push_back({row.instant(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)});
      }));
  return snapshots;
}

Result<std::vector<MediaView>> media_of(store::Connection& connection, const PostView& post) {
  std::vector<MediaView> media;
  LINNET_CHECK(
      store::for_each_row(connection,
                          R"(SELECT id, type, url, preview_url, description FROM media_attachments
                             WHERE instance_id = $1 AND post_id = $2 ORDER BY position)",
                          {post.instance.value(), std::string_view(post.id)}, [&](const Statement& row) {
                            media.push_back({std::string(row.text(0)), std::string(row.text(1)),
                                             row.maybe_text(2), row.maybe_text(3), row.maybe_text(4)});
                          }));
  return media;
}

Result<std::vector<ThreadPost>> thread_of(store::Connection& connection, const PostView& post) {
  constexpr std::size_t kMost = 500;
  PostView root = post;
  for (std::size_t up = 0; up < kMost && root.in_reply_to_id; ++up) {
    auto parent = find_post(connection, root.instance, *root.in_reply_to_id);
    if (!parent || (parent->followers_only && !post.followers_only)) break;
    root = std::move(parent).value();
  }
  std::vector<ThreadPost> thread;
  std::vector<ThreadPost> open{{std::move(root), 0}};
  const auto sql = select_posts("posts p") +
                   R"(WHERE p.instance_id = $1 AND p.in_reply_to_id = $2 AND p.deleted_at IS NULL
                      ORDER BY p.created_at DESC, p.row_number DESC)";
  while (!open.empty() && thread.size() < kMost) {
    auto next = std::move(open.back());
    open.pop_back();
    LINNET_CHECK(store::for_each_row(connection, sql,
                                     {next.post.instance.value(), std::string_view(next.post.id)},
                                     [&](const Statement& row) {
                                       auto reply = read_post(row);
                                       if (reply.followers_only && !post.followers_only) return;
                                       open.push_back({std::move(reply), next.depth + 1});
                                     }));
    thread.push_back(std::move(next));
  }
  return thread;
}

Result<std::vector<EditedPost>> edited_posts(store::Connection& connection, bool sentiment_changed,
                                             std::size_t limit) {
  std::vector<PostView> posts;
  const auto sql = select_posts("posts p") +
                   R"(WHERE p.version_seq > 1 AND p.deleted_at IS NULL AND p.followers_only = 0
                      ORDER BY p.edited_at DESC, p.row_number DESC LIMIT $1)";
  const auto candidates = static_cast<std::int64_t>(sentiment_changed ? limit * 50 : limit);
  LINNET_CHECK(store::for_each_row(connection, sql, {candidates},
                                   [&](const Statement& row) { posts.push_back(read_post(row)); }));
  std::vector<EditedPost> edited;
  for (auto& post : posts) {
    if (edited.size() == limit) break;
    LINNET_TRY(auto versions, versions_of(connection, post));
    const bool changed =
        std::adjacent_find(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
          return is_scored(a) && is_scored(b) && a.sentiment->label != b.sentiment->label;
        }) != versions.end();
    if (sentiment_changed && !changed) continue;
    edited.push_back({std::move(post), std::move(versions)});
  }
  return edited;
}

Result<std::optional<InstanceId>> instance_of_post(store::Connection& connection, const std::string& id,
                                                   const std::string& base_url) {
  LINNET_TRY(const auto number, store::query_integer(connection,
                                                     R"(SELECT p.instance_id
                                     FROM instances i JOIN posts p ON p.instance_id = i.id AND p.id = $1
                                     WHERE $2 = '' OR i.base_url = $2 ORDER BY i.id LIMIT 1)",
                                                     {std::string_view(id), std::string_view(base_url)}));
  return number ? std::optional(InstanceId(*number)) : std::nullopt;
}

}  // namespace linnet::analyze
