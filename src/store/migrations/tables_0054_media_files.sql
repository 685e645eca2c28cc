-- Files of posts lie in the data folder. Here stands what they are, what the platform called each when it was uploaded
-- and, where several processes share the database or a copy of it is made, their bytes.
CREATE TABLE action_media_pieces (
  attempt_id {key} NOT NULL,
  position   BIGINT NOT NULL,
  piece      BIGINT NOT NULL,
  bytes      {blob} NOT NULL,
  PRIMARY KEY (attempt_id, position, piece),
  FOREIGN KEY (attempt_id, position) REFERENCES action_media (attempt_id, position) ON DELETE CASCADE
);
INSERT INTO action_media_pieces (attempt_id, position, piece, bytes)
  SELECT attempt_id, position, 0, bytes FROM action_media;
ALTER TABLE action_media ADD COLUMN size BIGINT NOT NULL DEFAULT 0;
UPDATE action_media SET size = LENGTH(bytes);
ALTER TABLE action_media ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE action_media ADD COLUMN uploaded_id TEXT;
ALTER TABLE action_media ADD COLUMN uploaded_at BIGINT;
ALTER TABLE action_media DROP COLUMN bytes;
-- 1: its files are being uploaded, and nothing that takes effect has been sent in this try.
ALTER TABLE action_attempts ADD COLUMN is_uploading BIGINT NOT NULL DEFAULT 0;
-- down
ALTER TABLE action_attempts DROP COLUMN is_uploading;
-- What lies in the data folder alone cannot come back.
DELETE FROM action_media
  WHERE (SELECT COUNT(*) FROM action_media_pieces p
         WHERE p.attempt_id = action_media.attempt_id AND p.position = action_media.position) <> 1;
ALTER TABLE action_media ADD COLUMN bytes {blob} NOT NULL DEFAULT '';
UPDATE action_media SET bytes = (SELECT p.bytes FROM action_media_pieces p
                                 WHERE p.attempt_id = action_media.attempt_id AND p.position = action_media.position);
DROP TABLE action_media_pieces;
ALTER TABLE action_media DROP COLUMN size;
ALTER TABLE action_media DROP COLUMN sha256;
ALTER TABLE action_media DROP COLUMN uploaded_id;
ALTER TABLE action_media DROP COLUMN uploaded_at;
