-- What layers came to understand, of what, and in which run. Topics are of the ledger; nothing refers to them by a
-- foreign key, since a replay of the log makes them anew.
CREATE TABLE layer_runs (
  id            {key} NOT NULL PRIMARY KEY,  -- ULID
  layer_name    {key} NOT NULL,
  layer_version {key} NOT NULL,              -- of its file
  started_at    BIGINT NOT NULL,
  completed_at  BIGINT,
  status        {key} NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
  targets       TEXT NOT NULL,               -- JSON: keys of topics, in the order in which they are worked at
  tokens_used   BIGINT,
  error         TEXT,
  scope         {key} NOT NULL CHECK (scope IN ('public', 'derived', 'dm')),
  asked_by      TEXT NOT NULL,               -- empty: the schedule
  continues     {key},                       -- the run that was cut off, in whose place this one goes on
  cost_micros   BIGINT NOT NULL              -- of the budget's currency, in millionths
);
CREATE INDEX layer_runs_layer ON layer_runs (layer_name, started_at);
CREATE INDEX layer_runs_running ON layer_runs (status) WHERE status = 'running';

-- What came of each target.
CREATE TABLE layer_run_targets (
  run_id     {key} NOT NULL,
  position   BIGINT NOT NULL,
  topic_key  {key} NOT NULL,
  state      {key} NOT NULL CHECK (state IN ('done', 'nothing', 'failed')),
  insight_id {key},
  tokens     BIGINT NOT NULL,
  error      TEXT,
  output     TEXT,                           -- what the layer shows: text or json; its words are the insight's
  ended_at   BIGINT NOT NULL,
  PRIMARY KEY (run_id, position)
);
CREATE INDEX layer_run_targets_topic ON layer_run_targets (topic_key, ended_at);

CREATE TABLE insights (
  id                {key} NOT NULL PRIMARY KEY,  -- ULID
  topic_key         {key} NOT NULL,
  category          {key} NOT NULL,
  content           TEXT NOT NULL,               -- empty once it was withdrawn because of its sources
  sources_scope_max {key} NOT NULL CHECK (sources_scope_max IN ('public', 'derived', 'dm')),
  created_at        BIGINT NOT NULL,
  expires_at        BIGINT,
  layer_run_id      {key} NOT NULL,
  supersedes        {key},
  metadata          TEXT NOT NULL,               -- JSON: confidence, tags …
  superseded_by     {key},                       -- the newest that names it
  -- what people said of it
  rating            BIGINT,                      -- 1 to 5
  correction        TEXT,                        -- stands in the content's place
  is_pinned         BIGINT NOT NULL,
  judged_by         TEXT,
  judged_at         BIGINT,
  withdrawn_at      BIGINT,
  withdrawn_by      TEXT,
  withdrawn_why     TEXT,
  is_to_be_remade   BIGINT NOT NULL              -- withdrawn for its sources; another is made of those that remain
);
CREATE INDEX insights_topic ON insights (topic_key, created_at);
CREATE INDEX insights_category ON insights (category, created_at);
CREATE INDEX insights_expires ON insights (expires_at);
CREATE INDEX insights_run ON insights (layer_run_id);
CREATE INDEX insights_to_be_remade ON insights (created_at) WHERE is_to_be_remade = 1;

-- Lineage: of what each insight was made. Of an insight that expired the rows stay as long as another was made of it.
CREATE TABLE insight_sources (
  insight_id  {key} NOT NULL,
  source_kind {key} NOT NULL CHECK (source_kind IN ('message', 'post', 'dm', 'reaction', 'insight')),
  instance_id BIGINT NOT NULL,                   -- 0: of none
  source_id   {key} NOT NULL,
  person_id   {key} NOT NULL,                    -- whose words or deed it is; the platform's own, empty: nobody's
  scope       {key} NOT NULL CHECK (scope IN ('public', 'derived', 'dm')),
  made_at     BIGINT NOT NULL,
  PRIMARY KEY (insight_id, source_kind, instance_id, source_id)
){without_rowid};
CREATE INDEX insight_sources_source ON insight_sources (source_kind, instance_id, source_id);
CREATE INDEX insight_sources_person ON insight_sources (instance_id, person_id);
-- down
DROP TABLE insight_sources;
DROP TABLE insights;
DROP TABLE layer_run_targets;
DROP TABLE layer_runs;
