DROP INDEX posts_edited;
CREATE INDEX posts_edited ON posts (instance_id, edited_at) WHERE version_seq > 1;
CREATE INDEX platform_users_acct ON platform_users (instance_id, acct);
