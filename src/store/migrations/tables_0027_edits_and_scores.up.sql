-- Names are looked up by platform_users_name, in any case.
DROP INDEX platform_users_acct;

-- Edits of all instances by time.
DROP INDEX posts_edited;
CREATE INDEX posts_edited ON posts (edited_at, row_number) WHERE version_seq > 1;

-- Scores of texts that are not English. Of those without a language, which must be looked at, all are made again.
DELETE FROM post_sentiments WHERE model = 'vader-3.3.2' AND NOT EXISTS (
  SELECT 1 FROM posts p WHERE p.instance_id = post_sentiments.instance_id AND p.id = post_sentiments.post_id
  AND '-' || replace(lower(p.language), '_', '-') || '-' LIKE '-en-%');
UPDATE projection_marks SET position = 0 WHERE name = 'sentiment';
