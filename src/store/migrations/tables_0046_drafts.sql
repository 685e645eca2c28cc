-- What a person has begun to write and not sent. Nobody else sees it.
CREATE TABLE drafts (
  id       {key} NOT NULL PRIMARY KEY,
  owner_id {key} NOT NULL,        -- of users; empty: whoever sits at a machine without passwords
  name     {key} NOT NULL,        -- which of theirs: the web app's own, "post", "reply 7"
  content  TEXT NOT NULL,         -- JSON; what is in it is the business of whoever wrote it
  saved_at BIGINT NOT NULL,       -- grows with every change of the row, whatever the clock does
  UNIQUE (owner_id, name)
);
-- down
DROP TABLE drafts;
