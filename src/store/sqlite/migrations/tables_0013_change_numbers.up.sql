-- Numbers of changes never begin again: whoever follows them remembers the last that was read. Before, they began at 1
-- whenever the table had been emptied, and edits were missed; so every post that was edited or deleted is looked at anew.
-- The first number is beyond any that was given out, also where this was taken back and is applied once more: it is the time,
-- in microseconds, for the mark of the search index stands in another file.
CREATE TABLE content_changes_numbered (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id BIGINT NOT NULL,
  post_id     {key} NOT NULL
);
INSERT INTO sqlite_sequence (name, seq) SELECT 'content_changes_numbered', max(
  CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER),
  (SELECT coalesce(max(seq), 0) FROM content_changes),
  (SELECT coalesce(max(position), 0) FROM projection_marks WHERE name = 'sentiment_changes'));
INSERT INTO content_changes_numbered (instance_id, post_id)
  SELECT instance_id, post_id FROM content_changes
  UNION SELECT instance_id, id FROM posts WHERE version_seq > 1 OR deleted_at IS NOT NULL;
DROP TABLE content_changes;
ALTER TABLE content_changes_numbered RENAME TO content_changes;
