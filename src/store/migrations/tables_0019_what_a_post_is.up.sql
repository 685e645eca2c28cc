-- 1: only followers of the author see it, or some of them. Lists leave such posts out.
ALTER TABLE posts ADD COLUMN followers_only BIGINT NOT NULL DEFAULT 0;
UPDATE posts SET followers_only = 1 WHERE lower(visibility) IN
  ('private', 'followers', 'limited', 'mutuals_only', 'mutual', 'mutuals', 'circle', 'list', 'reply', 'personal');
-- What the platform says, where it is later than the post was seen: created_at is then when it was seen first.
ALTER TABLE posts ADD COLUMN stated_created_at BIGINT;
-- 1: deleted_at is when the platform took the account down; its posts may come back.
ALTER TABLE posts ADD COLUMN taken_down BIGINT NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN restored_at BIGINT;
-- Content beside the text, as JSON: the media with their descriptions, and the options of a poll; null: none.
-- Empty: not known, as of what was written before there was this column.
ALTER TABLE posts ADD COLUMN attached TEXT;
UPDATE posts SET attached = '' WHERE version_seq > 0;
ALTER TABLE post_past_versions ADD COLUMN attached TEXT;
-- How the poll stood when the post was seen last.
ALTER TABLE posts ADD COLUMN poll TEXT;
