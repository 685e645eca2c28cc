CREATE TABLE content_changes_before (
  seq         {identity},
  instance_id BIGINT NOT NULL,
  post_id     {key} NOT NULL
);
INSERT INTO content_changes_before (seq, instance_id, post_id) SELECT seq, instance_id, post_id FROM content_changes;
DROP TABLE content_changes;
ALTER TABLE content_changes_before RENAME TO content_changes;
