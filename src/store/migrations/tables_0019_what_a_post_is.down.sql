ALTER TABLE posts DROP COLUMN poll;
ALTER TABLE post_past_versions DROP COLUMN attached;
ALTER TABLE posts DROP COLUMN attached;
ALTER TABLE posts DROP COLUMN restored_at;
ALTER TABLE posts DROP COLUMN taken_down;
ALTER TABLE posts DROP COLUMN stated_created_at;
ALTER TABLE posts DROP COLUMN followers_only;
