-- Work by the clock and on demand. Of a kind and key one row is alive (its end is null); the others tell what was.
CREATE TABLE jobs (
  id           {identity},
  kind         {key} NOT NULL,
  job_key      {key} NOT NULL,           -- which of its kind; empty where there is one
  lane         {key} NOT NULL,           -- of those in one lane one runs at a time; empty: beside all others
  input        TEXT NOT NULL,            -- JSON; taken out at the end where it names somebody
  schedule     TEXT NOT NULL,            -- as cron writes it; empty: once
  zone         TEXT NOT NULL,
  missed       {key} NOT NULL CHECK (missed IN ('run_once', 'skip', 'ask')),
  state        {key} NOT NULL CHECK (state IN ('waiting', 'running', 'asking', 'done', 'failed', 'cancelled')),
  due_at       BIGINT NOT NULL,
  tries        BIGINT NOT NULL,          -- begun, this time round
  claims       BIGINT NOT NULL,          -- ever; with the holder it tells one claim from the next
  holder       TEXT NOT NULL,            -- who works at it; empty: nobody
  lease_until  BIGINT,                   -- by the database's clock
  cancel_asked BIGINT NOT NULL,
  done         BIGINT NOT NULL,
  total        BIGINT NOT NULL,
  note         TEXT NOT NULL,            -- for people: what it does, or why it waits
  position     TEXT NOT NULL,            -- where it goes on when it was cut off; the kind's own
  result       TEXT NOT NULL,            -- JSON; empty: none
  error        TEXT NOT NULL,            -- for people
  asked_by     TEXT NOT NULL,            -- empty: the schedule
  created_at   BIGINT NOT NULL,
  started_at   BIGINT,                   -- this time round
  last_run_at  BIGINT,                   -- the end of the last run that left this row as it was
  ended_at     BIGINT
);
CREATE UNIQUE INDEX jobs_alive ON jobs (kind, job_key) WHERE ended_at IS NULL;
CREATE INDEX jobs_due ON jobs (due_at) WHERE ended_at IS NULL;
CREATE INDEX jobs_by_kind ON jobs (kind, id);
