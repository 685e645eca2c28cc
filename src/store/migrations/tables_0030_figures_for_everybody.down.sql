-- Older versions count every post.
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
  AND p.instance_id = t.instance_id AND p.id = t.post_id
GROUP BY h.instance_id, h.hashtag_id, h.hour_ts;
