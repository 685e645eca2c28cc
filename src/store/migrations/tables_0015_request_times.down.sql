ALTER TABLE action_attempts DROP COLUMN retry_at;
ALTER TABLE action_attempts DROP COLUMN last_ended_at;
