-- Whoever asks for an address finds it in any case; names beyond ASCII, which are few, are compared one by one.
CREATE INDEX platform_users_name ON platform_users (instance_id, lower(acct));
CREATE INDEX platform_users_beyond_ascii ON platform_users (instance_id) WHERE octet_length(acct) <> char_length(acct);
