-- The event log: what came in, in order, whatever it was. Payloads stand in compressed blocks.
CREATE TABLE event_blocks (
  first_event_id {integer_key},
  event_count    BIGINT NOT NULL,
  codec          BIGINT NOT NULL,             -- 0: as it came; 1: zstd
  raw_bytes      BIGINT NOT NULL,             -- length of the lines before compression
  payloads       {blob} NOT NULL              -- the lines as they came, each ended by a line feed
);

CREATE TABLE event_rows (
  id                {integer_key},         -- from 1, without gaps
  instance_id       BIGINT NOT NULL,
  received_at       BIGINT NOT NULL,
  event_type        TEXT NOT NULL,
  payload_status_id TEXT,
  process_error     TEXT
);
CREATE INDEX event_rows_failed ON event_rows (id) WHERE process_error IS NOT NULL;

-- One row: the last event in the log. Adding to it gives out ids and keeps other writers waiting.
CREATE TABLE event_log_head (
  only_row      {integer_key},
  last_event_id BIGINT NOT NULL
);
INSERT INTO event_log_head (only_row, last_event_id) VALUES (1, 0);

-- When the projections held the events up to and including last_event_id.
CREATE TABLE event_marks (
  last_event_id {integer_key},
  processed_at  BIGINT NOT NULL
);

-- How far a connector has read, saved with the events themselves.
CREATE TABLE connector_cursors (
  connector TEXT NOT NULL PRIMARY KEY,        -- e.g. "https://example.social public"
  cursor    TEXT NOT NULL,
  saved_at  BIGINT NOT NULL
);

-- The log in the shape of the data model document, times in ISO 8601. `linnet events show ID` prints a payload.
CREATE VIEW stream_events AS
SELECT e.id, e.instance_id, {iso:e.received_at} AS received_at, e.event_type, e.payload_status_id,
       CASE WHEN e.process_error IS NULL THEN
         (SELECT {iso:m.processed_at} FROM event_marks m WHERE m.last_event_id >= e.id
          ORDER BY m.last_event_id LIMIT 1) END AS processed_at,
       e.process_error,
       (SELECT max(b.first_event_id) FROM event_blocks b WHERE b.first_event_id <= e.id) AS payload_block
FROM event_rows e;
