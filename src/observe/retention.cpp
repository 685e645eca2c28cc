#include "observe/retention.hpp"

#include <string>

#include "model/sighting.hpp"

namespace linnet::observe {
namespace {

struct PostKey {
  std::int64_t instance;
  std::string id;
};

struct Snapshot {
  Instant at;
  model::Counts counts;
};

Result<std::vector<PostKey>> posts_after(store::Connection& connection, const PostKey& last, Instant before,
                                         std::int64_t most) {
  std::vector<PostKey> posts;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT instance_id, post_id FROM post_metric_snapshots WHERE (instance_id, post_id) > ($1, $2) "
      "AND captured_at < $3 GROUP BY instance_id, post_id HAVING count(*) > 1 "
      "ORDER BY instance_id, post_id LIMIT $4",
      {last.instance, std::string_view(last.id), to_micros(before), most}, [&](const store::Statement& row) {
        posts.push_back({row.integer(0), std::string(row.text(1))});
      }));
  return posts;
}

Result<std::vector<Snapshot>> snapshots_of(store::Connection& connection, const PostKey& post) {
  std::vector<Snapshot> snapshots;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT captured_at, replies_count, reblogs_count, favourites_count FROM post_metric_snapshots "
      "WHERE instance_id = $1 AND post_id = $2 ORDER BY captured_at",
      {post.instance, std::string_view(post.id)}, [&](const store::Statement& row) {
        snapshots.push_back({row.instant(0), {row.integer(1), row.integer(2), row.integer(3)}});
      }));
  return snapshots;
}

Status write_gains(store::Connection& connection, const PostKey& post, const Snapshot& snapshot,
                   const Snapshot* before) {
  const model::Counts from = before != nullptr ? before->counts : model::Counts{};
  return store::run(connection,
                    "UPDATE post_metric_snapshots SET replies_gained = $4, reblogs_gained = $5, "
                    "favourites_gained = $6, is_first = $7 "
                    "WHERE instance_id = $1 AND post_id = $2 AND captured_at = $3",
                    {post.instance, std::string_view(post.id), to_micros(snapshot.at),
                     snapshot.counts.replies - from.replies, snapshot.counts.reblogs - from.reblogs,
                     snapshot.counts.favourites - from.favourites, std::int64_t{before == nullptr}});
}

Status thin_post(store::Connection& connection, const PostKey& post, const KeepRule& keep, Instant now,
                 bool dry_run, std::int64_t& gone) {
  LINNET_TRY(const auto snapshots, snapshots_of(connection, post));
  std::vector<Instant> times;
  times.reserve(snapshots.size());
  for (const auto& snapshot : snapshots) times.push_back(snapshot.at);
  const auto kept = keep(times, now);
  const Snapshot* previous = nullptr;
  bool lost_predecessor = false;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    const auto& snapshot = snapshots[i];
    if (!kept[i] && i + 1 < snapshots.size()) {
      ++gone;
      lost_predecessor = true;
      if (dry_run) continue;
      LINNET_CHECK(store::run(
          connection,
          "DELETE FROM post_metric_snapshots WHERE instance_id = $1 AND post_id = $2 AND captured_at = $3",
          {post.instance, std::string_view(post.id), to_micros(snapshot.at)}));
      continue;
    }
    if (lost_predecessor && !dry_run) LINNET_CHECK(write_gains(connection, post, snapshot, previous));
    lost_predecessor = false;
    previous = &snapshot;
  }
  return {};
}

}  // namespace

Result<std::int64_t> thin_snapshots(store::Database& database, store::Writer& writer, const KeepRule& keep,
                                    Instant before, Instant now, bool dry_run) {
  constexpr std::int64_t kChunk = 500;
  std::int64_t gone = 0;
  PostKey last{0, ""};
  while (true) {
    std::vector<PostKey> posts;
    {
      LINNET_TRY(auto reader, database.reader());
      LINNET_TRY(posts, posts_after(*reader, last, before, kChunk));
    }
    if (posts.empty()) return gone;
    last = posts.back();
    LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
      for (const auto& post : posts) LINNET_CHECK(thin_post(connection, post, keep, now, dry_run, gone));
      return {};
    }));
  }
}

}  // namespace linnet::observe
