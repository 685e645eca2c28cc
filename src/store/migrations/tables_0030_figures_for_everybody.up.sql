-- What only followers see counts in no figure that everybody may read. The hours of hashtags that hold such a post are counted
-- again without it; those of domains, and the days on which one was edited or deleted, are left to be counted again like after
-- an erasure. CROSS JOIN fixes the order in which SQLite reads.
DELETE FROM hashtag_hourly_stats WHERE (instance_id, hashtag_id, hour_ts) IN (
  SELECT t.instance_id, t.hashtag_id, t.created_at - ((t.created_at % 3600000000) + 3600000000) % 3600000000
  FROM post_hashtags t CROSS JOIN posts f
  WHERE f.instance_id = t.instance_id AND f.id = t.post_id AND f.followers_only = 1);
INSERT INTO hashtag_hourly_stats
  (instance_id, hashtag_id, hour_ts, posts_using_tag, unique_accounts_using_tag, total_engagement)
SELECT h.instance_id, h.hashtag_id, h.hour_ts, count(*), count(DISTINCT p.account_id), sum(p.engagement_score)
FROM (SELECT DISTINCT t.instance_id, t.hashtag_id,
             t.created_at - ((t.created_at % 3600000000) + 3600000000) % 3600000000 AS hour_ts
      FROM post_hashtags t CROSS JOIN posts f
      WHERE f.instance_id = t.instance_id AND f.id = t.post_id AND f.followers_only = 1) h
CROSS JOIN post_hashtags t CROSS JOIN posts p
WHERE t.instance_id = h.instance_id AND t.hashtag_id = h.hashtag_id AND t.created_at >= h.hour_ts
  AND t.created_at < h.hour_ts + 3600000000
  AND p.instance_id = t.instance_id AND p.id = t.post_id AND p.followers_only = 0
GROUP BY h.instance_id, h.hashtag_id, h.hour_ts;

INSERT INTO erasure_leftovers (kind, item)
SELECT DISTINCT 'hour', CAST(created_at - ((created_at % 3600000000) + 3600000000) % 3600000000 AS TEXT)
FROM posts WHERE followers_only = 1
ON CONFLICT (kind, item) DO NOTHING;
INSERT INTO erasure_leftovers (kind, item)
SELECT DISTINCT 'day', CAST(s.instance_id AS TEXT) || '/' || s.date
FROM posts p JOIN post_past_versions v ON v.instance_id = p.instance_id AND v.post_id = p.id
JOIN daily_summaries s ON s.instance_id = p.instance_id AND s.date = substr({iso:v.valid_to}, 1, 10)
WHERE p.followers_only = 1
ON CONFLICT (kind, item) DO NOTHING;
INSERT INTO erasure_leftovers (kind, item)
SELECT DISTINCT 'day', CAST(s.instance_id AS TEXT) || '/' || s.date
FROM posts p JOIN daily_summaries s ON s.instance_id = p.instance_id AND s.date = substr({iso:p.deleted_at}, 1, 10)
WHERE p.followers_only = 1 AND p.deleted_at IS NOT NULL
ON CONFLICT (kind, item) DO NOTHING;
