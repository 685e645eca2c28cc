-- Which fields of an event could not be understood; the rest of it counts.
ALTER TABLE event_rows ADD COLUMN left_out TEXT;

-- What was done once to the whole log, and to the tables, because what is read is read otherwise now.
CREATE TABLE log_upkeep (
  name    {key} NOT NULL PRIMARY KEY,
  done_at BIGINT NOT NULL
);
