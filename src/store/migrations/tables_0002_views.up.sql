-- For people who open the database with SQL: the document's names, times in ISO 8601. Linnet itself reads the tables.
CREATE VIEW post_versions AS
SELECT instance_id, post_id, version_seq, valid_from, valid_to, edited_at, content_hash, content_html, content_text,
       spoiler_text, media_ids, hashtags, mentions, sensitive
FROM post_past_versions
UNION ALL
SELECT instance_id, id, version_seq, valid_from, NULL, edited_at, content_hash, content_html, content_text,
       spoiler_text, media_ids, hashtags, mentions, sensitive
FROM posts WHERE version_seq > 0;

CREATE VIEW instances_iso AS
SELECT id, base_url, platform, stream_type, {iso:created_at} AS created_at, {iso:last_seen_at} AS last_seen_at
FROM instances;

CREATE VIEW mastodon_accounts AS
SELECT u.id, u.instance_id, i.platform, u.username, u.acct, u.display_name, u.domain,
       CASE WHEN u.domain IS NULL THEN 1 ELSE 0 END AS is_local, u.profile_url, u.avatar_url, u.bio,
       u.follower_count AS followers_count, u.following_count, u.post_count AS statuses_count, u.is_verified,
       u.is_private, u.is_bot AS bot, {iso:u.created_at} AS created_at, {iso:u.discovered_at} AS first_seen_at,
       {iso:u.last_seen_at} AS last_seen_at, {iso:u.last_updated_at} AS last_updated_at
FROM platform_users u JOIN instances i ON i.id = u.instance_id;

CREATE VIEW mastodon_posts AS
SELECT p.id, p.instance_id, i.platform, p.uri, p.url, p.account_id, u.acct AS author_username,
       p.content_html AS content, p.content_text, p.spoiler_text, p.language, p.visibility, p.sensitive,
       p.content_type, p.replies_count, p.reblogs_count, p.favourites_count, p.view_count, p.engagement_score,
       p.in_reply_to_id, p.in_reply_to_account_id, p.reblog_of_id,
       CASE WHEN p.media_ids IS NULL THEN 0 ELSE 1 END AS has_media, p.hashtags, p.mentions, p.is_sponsored,
       p.engagement_status, p.version_seq, {iso:p.created_at} AS created_at, {iso:p.edited_at} AS edited_at,
       {iso:p.deleted_at} AS deleted_at, {iso:p.discovered_at} AS indexed_at,
       {iso:p.last_extracted_at} AS last_extracted_at
FROM posts p JOIN instances i ON i.id = p.instance_id
LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id;

CREATE VIEW post_versions_iso AS
SELECT instance_id, post_id, version_seq, {iso:valid_from} AS valid_from, {iso:valid_to} AS valid_to,
       content_html, content_text, spoiler_text, media_ids, hashtags, mentions, sensitive,
       {iso:edited_at} AS edited_at
FROM post_versions;

CREATE VIEW post_metric_snapshots_iso AS
SELECT instance_id, post_id, {iso:captured_at} AS captured_at, replies_count, reblogs_count, favourites_count,
       engagement_score
FROM post_metric_snapshots;

CREATE VIEW hashtags_iso AS
SELECT id, instance_id, name, {iso:first_seen_at} AS first_seen_at, {iso:last_seen_at} AS last_seen_at
FROM hashtags;

CREATE VIEW hashtag_hourly_stats_iso AS
SELECT s.instance_id, s.hashtag_id, h.name, {iso:s.hour_ts} AS hour_ts, s.posts_using_tag,
       s.unique_accounts_using_tag, s.total_engagement
FROM hashtag_hourly_stats s JOIN hashtags h ON h.id = s.hashtag_id;

CREATE VIEW post_sentiments_iso AS
SELECT instance_id, post_id, status_version_seq, model, prompt_version, input_hash, score, sentiment_label,
       {iso:analyzed_at} AS analyzed_at
FROM post_sentiments;

CREATE VIEW daily_summaries_iso AS
SELECT instance_id, date, {iso:window_start} AS window_start, {iso:window_end} AS window_end, summary_text, mood,
       avg_sentiment, topics_json, notable_json, provider, model, prompt_version, input_stats_json, input_hash,
       {iso:created_at} AS created_at
FROM daily_summaries;

CREATE VIEW hourly_domain_stats_iso AS
SELECT instance_id, {iso:hour_ts} AS hour, domain, post_count, account_count, total_engagement
FROM hourly_domain_stats;

-- A comment is a post with a parent. None is made from here yet, so account_id and action_attempt_id are null.
CREATE VIEW comments AS
SELECT p.id, i.platform, p.id AS platform_comment_id, p.in_reply_to_id AS post_id, p.account_id AS author_id,
       (SELECT a.id FROM accounts a WHERE a.instance_id = p.instance_id AND a.platform_user_id = p.account_id)
         AS account_id,
       p.content_text AS text, {iso:p.created_at} AS posted_at, p.favourites_count AS like_count,
       p.replies_count AS reply_count,
       CASE WHEN EXISTS (SELECT 1 FROM accounts a WHERE a.instance_id = p.instance_id
                         AND a.platform_user_id = p.account_id) THEN 1 ELSE 0 END AS is_ours,
       NULL AS action_attempt_id, {iso:p.discovered_at} AS discovered_at, p.instance_id
FROM posts p JOIN instances i ON i.id = p.instance_id
WHERE p.in_reply_to_id IS NOT NULL AND p.deleted_at IS NULL;

-- One row per post that has replies and is not itself a reply to a post that is known.
CREATE VIEW conversation_threads AS
WITH RECURSIVE thread (instance_id, root_post_id, post_id, depth) AS (
  SELECT DISTINCT r.instance_id, r.in_reply_to_id, r.in_reply_to_id, 0
  FROM posts r
  WHERE r.in_reply_to_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM posts parent WHERE parent.instance_id = r.instance_id
                    AND parent.id = r.in_reply_to_id AND parent.in_reply_to_id IS NOT NULL)
  UNION
  SELECT t.instance_id, t.root_post_id, reply.id, t.depth + 1
  FROM thread t JOIN posts reply
    ON reply.instance_id = t.instance_id AND reply.in_reply_to_id = t.post_id AND reply.deleted_at IS NULL
  WHERE t.depth < 1000
)
SELECT instance_id, root_post_id, max(depth) AS depth, count(*) - 1 AS reply_count
FROM thread GROUP BY instance_id, root_post_id;
