-- When it was settled that a job is due at its time, by the same clock: where that clock was set back since, the time is
-- one of a clock that was wrong.
ALTER TABLE jobs ADD COLUMN planned_at BIGINT NOT NULL DEFAULT 0;
