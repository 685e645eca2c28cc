-- Language models: who provides them, what each call was and cost, and the words that they are asked with.
CREATE TABLE llm_providers (
  id           {key} NOT NULL PRIMARY KEY,   -- "mlx::qwen3", "dspy::openai/gpt-4o-mini", "dspy::builtin/linnet"
  type         {key} NOT NULL CHECK (type IN ('mlx', 'dspy')),
  model_name   TEXT NOT NULL,
  endpoint     TEXT,                         -- NULL: the vendor's own
  api_key      TEXT,                         -- sealed for the row; NULL: it needs none
  capabilities TEXT NOT NULL,                -- JSON
  rate_limits  TEXT NOT NULL,                -- JSON
  priority     BIGINT NOT NULL,
  enabled      BIGINT NOT NULL,
  privacy      {key} NOT NULL CHECK (privacy IN ('everybody', 'derived', 'dm')),  -- the most private it may see
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  UNIQUE (type, priority)
);
-- What Linnet does itself, so that it works with no other.
INSERT INTO llm_providers (id, type, model_name, capabilities, rate_limits, priority, enabled, privacy, created_at, updated_at)
VALUES ('dspy::builtin/linnet', 'dspy', 'linnet', '{"supports_chat":false}', '{}', 1000, 1, 'dm', 0, 0);

-- How each of them does; by the database's clock, as all processes share it.
CREATE TABLE llm_health (
  provider_id    {key} NOT NULL PRIMARY KEY REFERENCES llm_providers (id) ON DELETE CASCADE,
  failures       BIGINT NOT NULL,            -- one after the other
  open_until     BIGINT NOT NULL,            -- nobody asks it before
  last_answer_at BIGINT,
  last_failed_at BIGINT,
  last_error     TEXT NOT NULL,
  took_us        BIGINT NOT NULL             -- its last answer
);

-- What is left of a provider's limits a minute; by the database's clock.
CREATE TABLE llm_buckets (
  provider_id {key} NOT NULL REFERENCES llm_providers (id) ON DELETE CASCADE,
  what        {key} NOT NULL CHECK (what IN ('requests', 'tokens')),
  level       DOUBLE PRECISION NOT NULL,
  filled_at   BIGINT NOT NULL,
  PRIMARY KEY (provider_id, what)
);

-- The most that may be spent, in millionths; one row, of a month.
CREATE TABLE llm_budget (
  span         {key} NOT NULL PRIMARY KEY,
  limit_micros BIGINT NOT NULL
);
INSERT INTO llm_budget (span, limit_micros) VALUES ('month', 0);
CREATE TABLE llm_months (
  month           {key} NOT NULL PRIMARY KEY,  -- "2026-08", in UTC
  spent_micros    BIGINT NOT NULL,
  reserved_micros BIGINT NOT NULL              -- of calls that are under way: the most that they can cost
);

CREATE TABLE llm_calls (
  id              {key} NOT NULL PRIMARY KEY,
  question        {key} NOT NULL,            -- the calls that one question took
  started_at      BIGINT NOT NULL,
  took_us         BIGINT NOT NULL,
  asked_by        TEXT NOT NULL,
  purpose         TEXT NOT NULL,
  run             {key} NOT NULL,            -- of a layer run or job; empty: none
  what            {key} NOT NULL CHECK (what IN ('ask', 'embed', 'score')),
  provider        TEXT NOT NULL,             -- empty: none could be asked
  model           TEXT NOT NULL,
  prompt          TEXT NOT NULL,
  prompt_version  TEXT NOT NULL,
  input_hash      TEXT NOT NULL,             -- SHA-256 of the text that was judged
  cache_key       {key} NOT NULL,            -- SHA-256 of model, prompt version, rendered prompt and parameters
  privacy         {key} NOT NULL CHECK (privacy IN ('everybody', 'derived', 'dm')),
  tokens_in       BIGINT NOT NULL,
  tokens_out      BIGINT NOT NULL,
  month           {key} NOT NULL,
  reserved_micros BIGINT NOT NULL,           -- while it is under way
  cost_micros     BIGINT NOT NULL,
  outcome         {key} NOT NULL CHECK (outcome IN ('asking', 'answered', 'cached', 'built_in', 'unfit', 'failed',
                                                    'refused', 'lost')),
  error           TEXT NOT NULL,
  sent            TEXT,                      -- what was asked, sealed for the row; NULL: no longer kept
  answer          TEXT                       -- sealed for the row; NULL: there is none, or no longer
);
CREATE INDEX llm_calls_by_time ON llm_calls (started_at);
CREATE INDEX llm_calls_cached ON llm_calls (cache_key, started_at) WHERE answer IS NOT NULL;
CREATE INDEX llm_calls_under_way ON llm_calls (started_at) WHERE outcome = 'asking';
CREATE INDEX llm_calls_of_run ON llm_calls (run) WHERE run <> '';

-- Whose words, or words about whom, stand in a call.
CREATE TABLE llm_call_people (
  call_id  {key} NOT NULL REFERENCES llm_calls (id) ON DELETE CASCADE,
  platform {key} NOT NULL,
  server   {key} NOT NULL,                   -- host of the instance whose id it is; empty: the id counts everywhere
  user_id  {key} NOT NULL,
  PRIMARY KEY (call_id, platform, server, user_id)
);
CREATE INDEX llm_call_people_by_person ON llm_call_people (user_id, platform, server);
-- What a call was made of.
CREATE TABLE llm_call_sources (
  call_id {key} NOT NULL REFERENCES llm_calls (id) ON DELETE CASCADE,
  source  {key} NOT NULL,
  PRIMARY KEY (call_id, source)
);
CREATE INDEX llm_call_sources_by_source ON llm_call_sources (source);

-- Versions of prompts that people wrote; those that came with the program are in it.
CREATE TABLE llm_prompts (
  id          {key} NOT NULL PRIMARY KEY,    -- name, a slash, version
  name        {key} NOT NULL,
  version     {key} NOT NULL,
  system_text TEXT NOT NULL,
  user_text   TEXT NOT NULL,
  note        TEXT NOT NULL,
  written_by  TEXT NOT NULL,
  written_at  BIGINT NOT NULL,
  UNIQUE (name, version)
);
-- Which version of a prompt is in use, where that is not the newest of those that came with the program.
CREATE TABLE llm_prompt_choices (
  name    {key} NOT NULL PRIMARY KEY,
  version {key} NOT NULL
);
-- down
DROP TABLE llm_prompt_choices;
DROP TABLE llm_prompts;
DROP TABLE llm_call_sources;
DROP TABLE llm_call_people;
DROP TABLE llm_calls;
DROP TABLE llm_months;
DROP TABLE llm_budget;
DROP TABLE llm_buckets;
DROP TABLE llm_health;
DROP TABLE llm_providers;
