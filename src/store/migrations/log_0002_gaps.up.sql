-- Events that were lost from the log and that somebody agreed to go on without; their numbers are not given out again.
CREATE TABLE event_gaps (
  first_event_id {integer_key},
  last_event_id  BIGINT NOT NULL,
  noted_at       BIGINT NOT NULL
);
