-- Full text; rowid is posts.row_number. The text is segmented before it comes here, so a token is what stands between blanks.
CREATE VIRTUAL TABLE post_search USING fts5(text, tokenize = 'ascii');

-- How far each index has read: posts by row number, changes by content_changes.seq.
CREATE TABLE search_marks (
  name            TEXT NOT NULL PRIMARY KEY,
  row_position    BIGINT NOT NULL,
  change_position BIGINT NOT NULL
);
