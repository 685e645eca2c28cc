-- For people who open the database with SQL, as in tables_0002_views.
DROP VIEW comments;
CREATE VIEW comments AS
SELECT p.id, i.platform, p.id AS platform_comment_id, p.in_reply_to_id AS post_id, p.account_id AS author_id,
       o.id AS account_id, p.content_text AS text, {iso:p.created_at} AS posted_at, p.favourites_count AS like_count,
       p.replies_count AS reply_count, CASE WHEN o.id IS NULL THEN 0 ELSE 1 END AS is_ours,
       t.id AS action_attempt_id, {iso:p.discovered_at} AS discovered_at, p.instance_id
FROM posts p JOIN instances i ON i.id = p.instance_id
LEFT JOIN accounts o ON o.instance_id = p.instance_id AND o.platform_user_id = p.account_id
LEFT JOIN action_attempts t ON t.account_id = o.id AND t.result_id = p.id AND t.status = 'success'
                           AND t.action_type IN ('comment', 'reply')
WHERE p.in_reply_to_id IS NOT NULL AND p.deleted_at IS NULL;

CREATE VIEW engagement_posts AS
SELECT p.id, i.platform, p.id AS platform_post_id, p.url AS post_url, p.account_id AS author_id,
       u.acct AS author_username, p.content_type, p.content_text AS caption, p.favourites_count AS like_count,
       p.replies_count AS comment_count, p.reblogs_count AS share_count, p.view_count,
       {iso:p.created_at} AS posted_at, p.is_sponsored, p.hashtags, p.mentions, {iso:p.discovered_at} AS discovered_at,
       {iso:p.last_extracted_at} AS last_extracted_at, COALESCE(e.engagement_status, 'not_engaged') AS engagement_status,
       p.instance_id
FROM posts p JOIN instances i ON i.id = p.instance_id
LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
LEFT JOIN post_engagements e ON e.instance_id = p.instance_id AND e.post_id = p.id;

CREATE VIEW action_attempts_iso AS
SELECT id, run_id, platform, action_type, account_id, target_type, target_id, input, status, hold, result, error, 
       {iso:due_at} AS due_at,
       {iso:attempted_at} AS attempted_at,
       {iso:completed_at} AS completed_at, duration_ms, verification_id
FROM action_attempts;

CREATE VIEW verification_results_iso AS
SELECT id, action_attempt_id, verified, confidence, method, details, 
       {iso:verified_at} AS verified_at, duration_ms
FROM verification_results;

CREATE VIEW audit_entries_iso AS
SELECT number, id, run_id, step_id, event_type, platform, account_id, actor, target_type, target_id, outcome, details, 
       {iso:timestamp} AS timestamp, duration_ms, hash
FROM audit_entries;

CREATE VIEW dm_threads_iso AS
SELECT id, platform, platform_thread_id, account_id, participant_id, participant_username, last_message_preview, unread_count, is_archived, 
       {iso:last_message_at} AS last_message_at,
       {iso:discovered_at} AS discovered_at,
       {iso:last_synced_at} AS last_synced_at
FROM dm_threads;

CREATE VIEW dm_messages_iso AS
SELECT id, platform, platform_message_id, thread_id, is_from_us, sender_id, content_encrypted, content_type, action_attempt_id, 
       {iso:sent_at} AS sent_at,
       {iso:delivered_at} AS delivered_at,
       {iso:read_at} AS read_at,
       {iso:discovered_at} AS discovered_at
FROM dm_messages;

CREATE VIEW blocklist_entries_iso AS
SELECT id, entry_type, platform, value, match_type, reason, added_by, 
       {iso:created_at} AS created_at,
       {iso:expires_at} AS expires_at
FROM blocklist_entries;

CREATE VIEW consents_iso AS
SELECT id, user_id, consent_type, server_id, 
       {iso:granted_at} AS granted_at,
       {iso:revoked_at} AS revoked_at
FROM consents;

CREATE VIEW approvals_iso AS
SELECT id, attempt_id, reason, context, state, decided_by, comment, 
       {iso:created_at} AS created_at,
       {iso:expires_at} AS expires_at,
       {iso:decided_at} AS decided_at
FROM approvals;
