-- Comments of ours are there as soon as they are asked for, without an author and without an id until they are made;
-- what came of a post is told as `post_engagements` has it.
DROP VIEW comments;
CREATE VIEW comments AS
SELECT p.id, i.platform, p.id AS platform_comment_id, p.in_reply_to_id AS post_id,
       CASE WHEN o.id IS NULL THEN p.account_id END AS author_id,
       o.id AS account_id, p.content_text AS text, {iso:p.created_at} AS posted_at, p.favourites_count AS like_count,
       p.replies_count AS reply_count, CASE WHEN o.id IS NULL THEN 0 ELSE 1 END AS is_ours,
       t.id AS action_attempt_id, {iso:p.discovered_at} AS discovered_at, p.instance_id
FROM posts p JOIN instances i ON i.id = p.instance_id
LEFT JOIN accounts o ON o.instance_id = p.instance_id AND o.platform_user_id = p.account_id
LEFT JOIN action_attempts t ON t.account_id = o.id AND t.result_id = p.id AND t.status = 'success'
                           AND t.action_type IN ('comment', 'reply')
WHERE p.in_reply_to_id IS NOT NULL AND p.deleted_at IS NULL
UNION ALL
SELECT t.id, t.platform, t.result_id, t.target_id, NULL, t.account_id, {json_text:t.input}, {iso:t.completed_at}, 0, 0, 1,
       t.id, {iso:t.attempted_at}, o.instance_id
FROM action_attempts t JOIN accounts o ON o.id = t.account_id
WHERE t.action_type IN ('comment', 'reply') AND t.status IN ('pending', 'in_progress', 'unknown', 'success')
  AND t.superseded_at IS NULL AND t.depends_on IS NULL AND t.target_id <> 'erased'
  AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.instance_id = o.instance_id AND p.id = t.result_id);

DROP VIEW mastodon_posts;
CREATE VIEW mastodon_posts AS
SELECT p.id, p.instance_id, i.platform, p.uri, p.url, p.account_id, u.acct AS author_username,
       p.content_html AS content, p.content_text, p.spoiler_text, p.language, p.visibility, p.sensitive,
       p.content_type, p.replies_count, p.reblogs_count, p.favourites_count, p.view_count, p.engagement_score,
       p.in_reply_to_id, p.in_reply_to_account_id, p.reblog_of_id,
       CASE WHEN p.media_ids IS NULL THEN 0 ELSE 1 END AS has_media, p.hashtags, p.mentions, p.is_sponsored,
       COALESCE(e.engagement_status, 'not_engaged') AS engagement_status, p.version_seq,
       {iso:p.created_at} AS created_at, {iso:p.edited_at} AS edited_at,
       {iso:p.deleted_at} AS deleted_at, {iso:p.discovered_at} AS indexed_at,
       {iso:p.last_extracted_at} AS last_extracted_at
FROM posts p JOIN instances i ON i.id = p.instance_id
LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
LEFT JOIN post_engagements e ON e.instance_id = p.instance_id AND e.post_id = p.id;
