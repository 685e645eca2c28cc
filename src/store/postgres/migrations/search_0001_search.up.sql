-- Full text; the text is segmented before it comes here.
CREATE TABLE post_search (
  row_number BIGINT NOT NULL PRIMARY KEY,
  document   TSVECTOR NOT NULL
);
CREATE INDEX post_search_document ON post_search USING gin (document);

-- How far each index has read: posts by row number, changes by content_changes.seq.
CREATE TABLE search_marks (
  name            TEXT NOT NULL PRIMARY KEY,
  row_position    BIGINT NOT NULL,
  change_position BIGINT NOT NULL
);
