ALTER TABLE search_marks DROP COLUMN emptied;
