-- How often the tables had been emptied when the index was read from them: row numbers begin anew then, and so must the index.
-- There is always a mark, for whoever changes the index to lock.
ALTER TABLE search_marks ADD COLUMN emptied BIGINT NOT NULL DEFAULT 0;
INSERT INTO search_marks (name, row_position, change_position) SELECT 'search', 0, 0
WHERE NOT EXISTS (SELECT 1 FROM search_marks WHERE name = 'search');
