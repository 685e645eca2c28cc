DROP VIEW stream_events;
DROP TABLE connector_cursors;
DROP TABLE event_marks;
DROP TABLE event_log_head;
DROP TABLE event_rows;
DROP TABLE event_blocks;
