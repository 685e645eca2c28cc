-- When the newest request of an action ended, or at the latest can have ended: what was never answered may go on
-- being carried out for a while after it. And before when the platform asked for no other.
ALTER TABLE action_attempts ADD COLUMN last_ended_at BIGINT;
ALTER TABLE action_attempts ADD COLUMN retry_at BIGINT;
