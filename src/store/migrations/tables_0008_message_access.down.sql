ALTER TABLE accounts DROP COLUMN messages_refused_at;
ALTER TABLE accounts DROP COLUMN messages_error;
