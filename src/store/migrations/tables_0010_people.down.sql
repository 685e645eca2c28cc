DROP TABLE erasure_leftovers;
ALTER TABLE dm_threads DROP COLUMN read_at;
ALTER TABLE dm_threads DROP COLUMN seen_version;
CREATE TABLE dm_stop_messages (
  thread_id           {key} NOT NULL REFERENCES dm_threads (id),
  platform_message_id {key} NOT NULL,
  heeded_at           BIGINT NOT NULL,
  PRIMARY KEY (thread_id, platform_message_id)
);
INSERT INTO dm_stop_messages (thread_id, platform_message_id, heeded_at)
  SELECT t.id, substr(h.item, 38), h.heeded_at FROM heeded_opt_outs h JOIN dm_threads t ON t.id = substr(h.item, 1, 36);
DROP TABLE heeded_opt_outs;
