-- Who is boosted and who is answered, so that erasing a person finds the posts of others without reading them all.
CREATE INDEX posts_reblogs ON posts (instance_id, reblog_of_id) WHERE reblog_of_id IS NOT NULL;
CREATE INDEX posts_replies_to ON posts (instance_id, in_reply_to_account_id) WHERE in_reply_to_account_id IS NOT NULL;
