DROP TABLE log_upkeep;
ALTER TABLE event_rows DROP COLUMN left_out;
