-- How many requests a minute each API token may send.
ALTER TABLE api_tokens ADD COLUMN requests_per_minute BIGINT NOT NULL DEFAULT 600;
