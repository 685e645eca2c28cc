-- Why the platform does not show an account's direct messages, since when; both null while it does.
ALTER TABLE accounts ADD COLUMN messages_error TEXT;
ALTER TABLE accounts ADD COLUMN messages_refused_at BIGINT;
