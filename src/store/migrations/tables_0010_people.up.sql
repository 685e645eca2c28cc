-- Words by which somebody asked to be left alone and that were heeded: seen again, they say nothing new. `item` is the
-- thread and the platform's id of a message, or a hash of what a post or message is known by, which tells of nobody.
CREATE TABLE heeded_opt_outs (
  item      {key} NOT NULL PRIMARY KEY,
  heeded_at BIGINT NOT NULL
);
INSERT INTO heeded_opt_outs (item, heeded_at) SELECT thread_id || '/' || platform_message_id, heeded_at FROM dm_stop_messages;
DROP TABLE dm_stop_messages;

-- What the conversation looked like when its messages were read, and when that was; null: they are read again.
ALTER TABLE dm_threads ADD COLUMN seen_version TEXT;
ALTER TABLE dm_threads ADD COLUMN read_at BIGINT;

-- What an erasure has still to do once its rows are gone: an index entry to delete, an hour or a day to add up again.
CREATE TABLE erasure_leftovers (
  kind {key} NOT NULL,                    -- search: a row number; hour: a time; day: an instance and a date
  item {key} NOT NULL,
  PRIMARY KEY (kind, item)
);
