-- What leaves Linnet: accounts that act, attempts, approvals, evidence, messages, the blocklist, consent, and who
-- may do what. None of this is a projection of the event log. Ids are UUID v4 unless said otherwise.

ALTER TABLE accounts ADD COLUMN credential_state TEXT NOT NULL DEFAULT 'ok'; -- ok, expiring, refresh_failed, signed_out
ALTER TABLE accounts ADD COLUMN credential_error TEXT;
ALTER TABLE accounts ADD COLUMN credential_expires_at BIGINT;
ALTER TABLE accounts ADD COLUMN credential_checked_at BIGINT;
ALTER TABLE accounts ADD COLUMN risk TEXT NOT NULL DEFAULT 'green';          -- green, yellow, red, black
ALTER TABLE accounts ADD COLUMN paused_until BIGINT;                         -- the circuit breaker is open till then
ALTER TABLE accounts ADD COLUMN pause_reason TEXT;
ALTER TABLE accounts ADD COLUMN needs_human BIGINT NOT NULL DEFAULT 0;       -- stays paused until somebody resumes it
ALTER TABLE accounts ADD COLUMN rate_percent BIGINT NOT NULL DEFAULT 100;    -- of its limits, after trouble
ALTER TABLE accounts ADD COLUMN acts_since BIGINT;                           -- of the first action: warm-up counts from it

CREATE TABLE action_attempts (
  id              {key} NOT NULL PRIMARY KEY,
  run_id          {key} NOT NULL,
  step            BIGINT NOT NULL DEFAULT 1,
  platform        TEXT NOT NULL,
  action_type     {key} NOT NULL CHECK (action_type IN ('like', 'unlike', 'comment', 'delete_comment', 'dm_send', 'dm_read',
                    'follow', 'unfollow', 'extract_stats', 'publish', 'boost', 'unboost', 'reply', 'edit_post',
                    'delete_post')),
  account_id      {key} NOT NULL REFERENCES accounts (id),
  target_type     {key} NOT NULL CHECK (target_type IN ('post', 'user', 'dm_thread', 'account')),
  target_id       {key} NOT NULL,             -- the platform's own id
  target_name     TEXT,                       -- of the person it reaches, where known: ada@example.social
  target_user_id  {key},
  input           TEXT NOT NULL DEFAULT '{}', -- JSON; texts of direct messages stand in it encrypted
  text_hash       {key},                      -- input.textHash: SHA-256 of the NFC text with spaces collapsed
  status          {key} NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'in_progress', 'success', 'failed',
                    'skipped', 'cancelled', 'unknown')),
  hold            {key} NOT NULL DEFAULT '',  -- of a pending one: approval, time; empty: due
  due_at          BIGINT NOT NULL,
  planned_at      BIGINT NOT NULL,            -- when it was to be done, before any rule put it off
  expires_at      BIGINT,
  late_reported   BIGINT NOT NULL DEFAULT 0,
  tries           BIGINT NOT NULL DEFAULT 0,
  looks           BIGINT NOT NULL DEFAULT 0,  -- at the platform, while unknown
  sent_at         BIGINT,                     -- of the first try
  last_sent_at    BIGINT,                     -- of the newest: limits and rests count from it
  result          TEXT,                       -- JSON
  error           TEXT,                       -- JSON {code, message, details}
  result_id       {key},                      -- of what was made: status id, AT URI, message id
  superseded_at   BIGINT,                     -- taken back since (unlike, delete): it no longer stands in the way
  guard_open      {key},                      -- what may be under way only once; null: any number of times
  guard_done      {key},                      -- what may have been done only once; null: any number of times
  approved_by     TEXT,
  by_hand         BIGINT NOT NULL DEFAULT 0,  -- a person asked for this one action
  depends_on      {key},                      -- a reply in a thread of posts waits for the one before it
  requested_by    TEXT NOT NULL,
  request_key     {key},                      -- the client's own idempotency key
  request_hash    {key},
  worker          {key},                      -- of one in progress: which process has it
  attempted_at    BIGINT NOT NULL,
  completed_at    BIGINT,
  duration_ms     BIGINT,
  verify_at       BIGINT,                     -- of the next look; null when no more are due
  verification_id {key}
);
CREATE INDEX action_attempts_run ON action_attempts (run_id);
CREATE INDEX action_attempts_account ON action_attempts (account_id, action_type, completed_at);
CREATE INDEX action_attempts_sent ON action_attempts (account_id, last_sent_at);
CREATE INDEX action_attempts_target ON action_attempts (target_id, action_type, status);
CREATE INDEX action_attempts_result ON action_attempts (result_id, account_id) WHERE result_id IS NOT NULL;
CREATE INDEX action_attempts_thread ON action_attempts (depends_on) WHERE depends_on IS NOT NULL;
CREATE INDEX action_attempts_user ON action_attempts (target_user_id);
CREATE INDEX action_attempts_status ON action_attempts (status, hold, due_at);
CREATE INDEX action_attempts_type ON action_attempts (action_type);
CREATE INDEX action_attempts_attempted ON action_attempts (attempted_at);
CREATE INDEX action_attempts_verify ON action_attempts (status, verify_at) WHERE verify_at IS NOT NULL;
-- The seed's idempotency: one success for each account, target and type; a text counts as part of the target. Open
-- attempts are guarded as well, so that two at once cannot both act.
CREATE UNIQUE INDEX action_attempts_done ON action_attempts (guard_done)
  WHERE guard_done IS NOT NULL AND status = 'success' AND superseded_at IS NULL;
CREATE UNIQUE INDEX action_attempts_open ON action_attempts (guard_open)
  WHERE guard_open IS NOT NULL AND status IN ('pending', 'in_progress', 'unknown');
CREATE UNIQUE INDEX action_attempts_request ON action_attempts (request_key, step) WHERE request_key IS NOT NULL;

-- Processes that act. One whose sign of life is old is dead: what it had in hand is looked up by another.
CREATE TABLE workers (
  id       {key} NOT NULL PRIMARY KEY,
  seen_at  BIGINT NOT NULL
);

CREATE TABLE action_media (
  attempt_id {key} NOT NULL,
  position   BIGINT NOT NULL,
  name       TEXT NOT NULL,
  media_type TEXT NOT NULL,
  alt_text   TEXT NOT NULL DEFAULT '',
  bytes      {blob} NOT NULL,
  PRIMARY KEY (attempt_id, position)
);

CREATE TABLE verification_results (
  id                {key} NOT NULL PRIMARY KEY,
  action_attempt_id {key} NOT NULL REFERENCES action_attempts (id),
  verified          BIGINT NOT NULL,
  confidence        DOUBLE PRECISION NOT NULL,
  method            {key} NOT NULL CHECK (method IN ('dom_state_check', 'reload_verify', 'api_response', 'attribute_change',
                      'manual')),
  details           TEXT NOT NULL DEFAULT '{}',
  verified_at       BIGINT NOT NULL,
  duration_ms       BIGINT NOT NULL
);
CREATE INDEX verification_results_action ON verification_results (action_attempt_id);
CREATE INDEX verification_results_verified ON verification_results (verified);

-- A request for a person's word. The attempt it belongs to is pending with hold = approval.
CREATE TABLE approvals (
  id          {key} NOT NULL PRIMARY KEY,
  attempt_id  {key} NOT NULL REFERENCES action_attempts (id),
  reason      TEXT NOT NULL,
  context     TEXT NOT NULL DEFAULT '{}', -- JSON: earlier dealings, followers, posts
  state       {key} NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'edited', 'rejected', 'expired', 'cancelled')),
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  decided_at  BIGINT,
  decided_by  TEXT,
  comment     TEXT
);
CREATE INDEX approvals_state ON approvals (state, created_at);
CREATE INDEX approvals_attempt ON approvals (attempt_id);

-- What was done with a post from here; posts are rebuilt from the event log, this is not.
CREATE TABLE post_engagements (
  instance_id       BIGINT NOT NULL,
  post_id           {key} NOT NULL,
  engagement_status {key} NOT NULL CHECK (engagement_status IN ('not_engaged', 'liked', 'commented', 'liked_and_commented')),
  changed_at        BIGINT NOT NULL,
  PRIMARY KEY (instance_id, post_id)
){without_rowid};

-- Append-only and chained: each row's hash covers the one before it. Rows older than retention are folded into
-- audit_anchors, from which the chain goes on.
CREATE TABLE audit_entries (
  number      {integer_key},              -- from 1, without gaps
  id          {key} NOT NULL UNIQUE,
  run_id      {key} NOT NULL,
  step_id     {key} NOT NULL,
  event_type  {key} NOT NULL CHECK (event_type IN ('session_start', 'session_end', 'navigate', 'extract', 'action_attempt',
                'action_complete', 'verification', 'error', 'rate_limit_hit', 'policy_block')),
  platform    TEXT,
  account_id  {key},
  actor       TEXT,                       -- who of the people who use Linnet, or `linnet` itself
  target_type {key},
  target_id   {key},
  outcome     {key} NOT NULL CHECK (outcome IN ('success', 'failure', 'skipped', 'pending')),
  details     TEXT NOT NULL DEFAULT '{}', -- JSON, no content, no secret
  timestamp   BIGINT NOT NULL,
  duration_ms BIGINT,
  hash        {key} NOT NULL              -- SHA-256, hexadecimal
);
CREATE INDEX audit_entries_run ON audit_entries (run_id);
CREATE INDEX audit_entries_account ON audit_entries (account_id);
CREATE INDEX audit_entries_event ON audit_entries (event_type);
CREATE INDEX audit_entries_target ON audit_entries (target_id);
CREATE INDEX audit_entries_timestamp ON audit_entries (timestamp);

CREATE TABLE audit_head (
  name   {key} NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,                 -- of the newest row
  hash   {key} NOT NULL,
  anchor_number BIGINT NOT NULL,          -- the newest row that retention removed; 0: none
  anchor_hash   {key} NOT NULL
);
INSERT INTO audit_head (name, number, hash, anchor_number, anchor_hash) VALUES ('audit', 0, '', 0, '');

CREATE TABLE dm_threads (
  id                   {key} NOT NULL PRIMARY KEY,
  platform             TEXT NOT NULL,
  platform_thread_id   {key} NOT NULL,
  account_id           {key} NOT NULL REFERENCES accounts (id),
  participant_id       {key} NOT NULL,    -- the platform's own
  participant_username TEXT NOT NULL,
  last_message_at      BIGINT,
  last_message_preview TEXT,              -- encrypted as the messages are
  unread_count         BIGINT NOT NULL DEFAULT 0,
  is_archived          BIGINT NOT NULL DEFAULT 0,
  discovered_at        BIGINT NOT NULL,
  last_synced_at       BIGINT NOT NULL,
  UNIQUE (platform, account_id, platform_thread_id)
);
CREATE INDEX dm_threads_account ON dm_threads (account_id);
CREATE INDEX dm_threads_participant ON dm_threads (participant_id);

-- Messages by which somebody asked to be left alone and that were heeded: seen again, they say nothing new.
CREATE TABLE dm_stop_messages (
  thread_id           {key} NOT NULL REFERENCES dm_threads (id),
  platform_message_id {key} NOT NULL,
  heeded_at           BIGINT NOT NULL,
  PRIMARY KEY (thread_id, platform_message_id)
);

CREATE TABLE dm_messages (
  id                  {key} NOT NULL PRIMARY KEY,
  platform            TEXT NOT NULL,
  platform_message_id {key},
  thread_id           {key} NOT NULL REFERENCES dm_threads (id),
  is_from_us          BIGINT NOT NULL,
  sender_id           {key},
  content_encrypted   TEXT NOT NULL,      -- {"iv","encrypted","authTag"} or [REDACTED]
  content_type        TEXT NOT NULL DEFAULT 'text',
  sent_at             BIGINT,
  delivered_at        BIGINT,
  read_at             BIGINT,
  action_attempt_id   {key} REFERENCES action_attempts (id),
  discovered_at       BIGINT NOT NULL,
  UNIQUE (platform, thread_id, platform_message_id)
);
CREATE INDEX dm_messages_thread ON dm_messages (thread_id, sent_at);
CREATE INDEX dm_messages_sent ON dm_messages (sent_at);
CREATE INDEX dm_messages_attempt ON dm_messages (action_attempt_id) WHERE action_attempt_id IS NOT NULL;

CREATE TABLE blocklist_entries (
  id         {key} NOT NULL PRIMARY KEY,
  entry_type {key} NOT NULL CHECK (entry_type IN ('user', 'post', 'keyword', 'domain')),
  platform   {key},                       -- null: all
  value      TEXT NOT NULL,
  server     {key} NOT NULL DEFAULT '',   -- of an opt-out by id: host of the instance whose id it is; empty: everywhere
  address    TEXT NOT NULL DEFAULT '',    -- of an opt-out: ada@example.social, where known; counts on every server
  match_type {key} NOT NULL DEFAULT 'exact' CHECK (match_type IN ('exact', 'contains', 'regex')),
  reason     TEXT NOT NULL,
  added_by   {key} NOT NULL CHECK (added_by IN ('user', 'system', 'opt_out')),
  added_by_user TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);
CREATE INDEX blocklist_entries_type ON blocklist_entries (entry_type);
CREATE INDEX blocklist_entries_platform ON blocklist_entries (platform);
CREATE INDEX blocklist_entries_value ON blocklist_entries (value);
-- Opt-outs whose person was erased: what is left is a salted hash, and it goes on counting.
CREATE TABLE opt_out_fingerprints (
  fingerprint {key} NOT NULL PRIMARY KEY,
  created_at  BIGINT NOT NULL
);
-- Grows with every change of the list, so that every process notices.
CREATE TABLE govern_marks (
  name  {key} NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO govern_marks (name, value) VALUES ('blocklist', 0), ('stop', 0);

-- Seed 003's Consent; ids are ULIDs there.
CREATE TABLE consents (
  id           {key} NOT NULL PRIMARY KEY,
  user_id      {key} NOT NULL,            -- the platform's own; the address where that alone is known
  consent_type {key} NOT NULL CHECK (consent_type IN ('dm_read', 'dm_contact')),
  granted_at   BIGINT NOT NULL,
  revoked_at   BIGINT,
  server_id    {key} NOT NULL DEFAULT '', -- host of the instance whose id it is; empty: everywhere
  address      {key} NOT NULL DEFAULT '', -- ada@example.social, where known
  platform     TEXT NOT NULL,
  evidence     TEXT NOT NULL DEFAULT ''   -- how it was given: an id, never a text
);
CREATE INDEX consents_user ON consents (user_id, consent_type);
CREATE INDEX consents_address ON consents (address, consent_type) WHERE address <> '';

-- People who use Linnet.
CREATE TABLE users (
  id            {key} NOT NULL PRIMARY KEY,
  name          {key} NOT NULL UNIQUE,
  password_hash TEXT,                     -- Argon2id, PHC string; null: cannot sign in by password
  role          {key} NOT NULL CHECK (role IN ('viewer', 'analyst', 'author', 'approver', 'admin')),
  extra_permissions TEXT NOT NULL DEFAULT '[]', -- JSON list, beside those of the role
  is_active     BIGINT NOT NULL DEFAULT 1,
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL,
  last_seen_at  BIGINT
);
CREATE TABLE api_tokens (
  id          {key} NOT NULL PRIMARY KEY,
  user_id     {key} NOT NULL REFERENCES users (id),
  name        TEXT NOT NULL,
  prefix      {key} NOT NULL,             -- its first characters, to tell tokens apart
  token_hash  {key} NOT NULL UNIQUE,      -- SHA-256: the token has 256 random bits
  scopes      TEXT NOT NULL DEFAULT '[]', -- JSON list of permissions; never more than the user's own
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT,
  revoked_at  BIGINT,
  last_used_at BIGINT,
  last_used_from TEXT
);
CREATE INDEX api_tokens_user ON api_tokens (user_id);
CREATE TABLE user_sessions (
  token_hash   {key} NOT NULL PRIMARY KEY,
  user_id      {key} NOT NULL REFERENCES users (id),
  csrf_hash    {key} NOT NULL,
  created_at   BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  remote       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX user_sessions_user ON user_sessions (user_id);

-- Seed 002: the platforms, what signs Linnet in to them, and what each can do.
CREATE TABLE platforms (
  id           {identity},
  name         {key} NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  description  TEXT,
  status       TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive', 'deprecated')),
  priority     BIGINT NOT NULL DEFAULT 0,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL
);
CREATE TABLE platform_credentials (
  id               {identity},
  platform_id      BIGINT NOT NULL REFERENCES platforms (id),
  credential_type  {key} NOT NULL,        -- api_key, access_token, app_secret
  credential_key   {key} NOT NULL,
  credential_value TEXT NOT NULL,
  is_encrypted     BIGINT NOT NULL DEFAULT 1,
  is_active        BIGINT NOT NULL DEFAULT 1,
  expires_at       BIGINT,
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  UNIQUE (platform_id, credential_type, credential_key)
);
CREATE TABLE platform_capabilities (
  id               {identity},
  platform_id      BIGINT NOT NULL REFERENCES platforms (id),
  capability_type  {key} NOT NULL,        -- content, media, api, limits
  capability_name  {key} NOT NULL,
  capability_value TEXT NOT NULL,
  description      TEXT,
  is_active        BIGINT NOT NULL DEFAULT 1,
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  UNIQUE (platform_id, capability_type, capability_name)
);

-- Which key the secrets are sealed with, and how far a change of keys has come.
CREATE TABLE key_states (
  name        {key} NOT NULL PRIMARY KEY, -- 'current'
  fingerprint {key} NOT NULL,
  next_fingerprint {key},                 -- of a rotation under way
  salt        {key} NOT NULL,             -- of passphrases and fingerprints
  started_at  BIGINT,
  finished_at BIGINT
);
