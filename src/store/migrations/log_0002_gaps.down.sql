DROP TABLE event_gaps;
