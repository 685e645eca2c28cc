DROP VIEW approvals_iso;
DROP VIEW consents_iso;
DROP VIEW blocklist_entries_iso;
DROP VIEW dm_messages_iso;
DROP VIEW dm_threads_iso;
DROP VIEW audit_entries_iso;
DROP VIEW verification_results_iso;
DROP VIEW action_attempts_iso;
DROP VIEW engagement_posts;
DROP VIEW comments;
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
