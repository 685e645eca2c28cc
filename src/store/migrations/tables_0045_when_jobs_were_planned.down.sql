ALTER TABLE jobs DROP COLUMN planned_at;
