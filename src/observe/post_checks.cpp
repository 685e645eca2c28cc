#include "observe/post_checks.hpp"

namespace linnet::observe {
namespace {

constexpr Comparison kPostChecks[] = {
    {"a post's counts are those of its newest snapshot",
     "SELECT count(*) FROM posts p WHERE (p.counts_at <> 0 AND NOT EXISTS (SELECT 1 FROM "
     "post_metric_snapshots s "
     "WHERE s.instance_id = p.instance_id AND s.post_id = p.id AND s.captured_at = p.counts_at "
     "AND s.replies_count = p.replies_count AND s.reblogs_count = p.reblogs_count "
     "AND s.favourites_count = p.favourites_count AND s.engagement_score = p.engagement_score)) "
     "OR EXISTS (SELECT 1 FROM post_metric_snapshots s WHERE s.instance_id = p.instance_id AND s.post_id = "
     "p.id "
     "AND s.captured_at > p.counts_at)"},
    {"engagement score is 3 × reblogs + 2 × favourites + replies, each counted up to 2^40",
     "SELECT (SELECT count(*) FROM posts WHERE engagement_score <> "
     "3 * CASE WHEN reblogs_count < 1099511627776 THEN reblogs_count ELSE 1099511627776 END + "
     "2 * CASE WHEN favourites_count < 1099511627776 THEN favourites_count ELSE 1099511627776 END + "
     "CASE WHEN replies_count < 1099511627776 THEN replies_count ELSE 1099511627776 END) + "
     "(SELECT count(*) FROM post_metric_snapshots WHERE engagement_score <> "
     "3 * CASE WHEN reblogs_count < 1099511627776 THEN reblogs_count ELSE 1099511627776 END + "
     "2 * CASE WHEN favourites_count < 1099511627776 THEN favourites_count ELSE 1099511627776 END + "
     "CASE WHEN replies_count < 1099511627776 THEN replies_count ELSE 1099511627776 END)"},
    {"a snapshot's gains are against the snapshot before it",
     "SELECT count(*) FROM (SELECT favourites_gained, reblogs_gained, replies_gained, is_first, "
     "favourites_count, "
     "  reblogs_count, replies_count, "
     "  lag(favourites_count) OVER w AS f, lag(reblogs_count) OVER w AS b, lag(replies_count) OVER w AS r "
     "  FROM post_metric_snapshots WINDOW w AS (PARTITION BY instance_id, post_id ORDER BY captured_at)) AS "
     "s "
     "WHERE favourites_gained <> favourites_count - coalesce(f, 0) OR reblogs_gained <> reblogs_count - "
     "coalesce(b, 0) "
     "OR replies_gained <> replies_count - coalesce(r, 0) "
     "OR is_first <> CASE WHEN f IS NULL THEN 1 ELSE 0 END"},
    {"versions count from 1 without gaps",
     "SELECT count(*) FROM posts p WHERE p.version_seq > 0 AND p.version_seq - 1 <> "
     "(SELECT count(*) FROM post_past_versions v WHERE v.instance_id = p.instance_id AND v.post_id = p.id)"},
    {"a version ends where the next begins",
     "SELECT count(*) FROM post_versions v WHERE v.version_seq > 1 AND NOT EXISTS (SELECT 1 FROM "
     "post_past_versions b "
     "WHERE b.instance_id = v.instance_id AND b.post_id = v.post_id AND b.version_seq = v.version_seq - 1 "
     "AND b.valid_to = v.valid_from)"},
    {"first and last seen are the ends of a hashtag's posts",
     "SELECT count(*) FROM hashtags h LEFT JOIN (SELECT instance_id, hashtag_id, min(created_at) AS "
     "first_at, "
     "  max(created_at) AS last_at FROM post_hashtags GROUP BY instance_id, hashtag_id) AS t "
     "ON t.instance_id = h.instance_id AND t.hashtag_id = h.id "
     "WHERE coalesce(h.first_seen_at, 0) <> coalesce(t.first_at, 0) "
     "OR coalesce(h.last_seen_at, 0) <> coalesce(t.last_at, 0)"},
    {"every post's author is known",
     "SELECT count(*) FROM posts p WHERE NOT EXISTS (SELECT 1 FROM platform_users u "
     "WHERE u.instance_id = p.instance_id AND u.id = p.account_id)"},
    {"no post has a tombstone beside it",
     "SELECT count(*) FROM post_tombstones t JOIN posts p ON p.instance_id = t.instance_id AND p.id = "
     "t.post_id"},
    {"hashtags, mentions, versions and snapshots belong to posts",
     "SELECT (SELECT count(*) FROM post_hashtags x WHERE NOT EXISTS (SELECT 1 FROM posts p WHERE "
     "p.instance_id = "
     "x.instance_id AND p.id = x.post_id)) + (SELECT count(*) FROM post_mentions x WHERE NOT EXISTS (SELECT "
     "1 FROM "
     "posts p WHERE p.instance_id = x.instance_id AND p.id = x.post_id)) + (SELECT count(*) FROM "
     "post_past_versions x "
     "WHERE NOT EXISTS (SELECT 1 FROM posts p WHERE p.instance_id = x.instance_id AND p.id = x.post_id)) + "
     "(SELECT count(*) FROM post_metric_snapshots x WHERE NOT EXISTS (SELECT 1 FROM posts p WHERE "
     "p.instance_id = "
     "x.instance_id AND p.id = x.post_id))"},
};

}  // namespace

std::span<const Comparison> post_checks() {
  return kPostChecks;
}

}  // namespace linnet::observe
