-- What was observed, rebuilt from the event log at will. {key} is text that compares byte by byte (TEXT on SQLite,
-- TEXT COLLATE "C" on PostgreSQL), so that both engines sort alike. Times are microseconds since 1970, UTC. Keys begin with
-- instance_id, so that the tables can be distributed by it.
CREATE TABLE instances (
  id           {identity},
  base_url     {key} NOT NULL UNIQUE,
  platform     TEXT NOT NULL DEFAULT 'mastodon',
  stream_type  TEXT,
  created_at   BIGINT NOT NULL,
  last_seen_at BIGINT
);

-- How far each reader of the log has come: `tables` (everything below), `search`, `sentiment`.
CREATE TABLE projection_marks (
  name     {key} NOT NULL PRIMARY KEY,
  position BIGINT NOT NULL
);
INSERT INTO projection_marks (name, position) VALUES ('tables', 0);

CREATE TABLE platform_users (
  instance_id     BIGINT NOT NULL,
  id              {key} NOT NULL,              -- the platform's own
  username        TEXT NOT NULL,
  acct            {key} NOT NULL,
  display_name    TEXT,
  domain          {key},                       -- null for an account of the instance itself
  profile_url     TEXT,
  avatar_url      TEXT,
  bio             TEXT,
  follower_count  BIGINT,
  following_count BIGINT,
  post_count      BIGINT,
  is_verified     BIGINT NOT NULL DEFAULT 0,
  is_private      BIGINT NOT NULL DEFAULT 0,
  is_bot          BIGINT NOT NULL DEFAULT 0,
  created_at      BIGINT,
  discovered_at   BIGINT NOT NULL,
  last_seen_at    BIGINT NOT NULL,
  last_updated_at BIGINT NOT NULL,
  PRIMARY KEY (instance_id, id)
){without_rowid};
CREATE INDEX platform_users_acct ON platform_users (instance_id, acct);

CREATE TABLE posts (
  {row_number}
  instance_id            BIGINT NOT NULL,
  id                     {key} NOT NULL,       -- the platform's own
  account_id             {key} NOT NULL,
  created_at             BIGINT NOT NULL,
  edited_at              BIGINT,
  deleted_at             BIGINT,
  discovered_at          BIGINT NOT NULL,
  last_extracted_at      BIGINT NOT NULL,
  uri                    TEXT,
  url                    TEXT,
  language               TEXT,
  visibility             TEXT,
  sensitive              BIGINT NOT NULL DEFAULT 0,
  in_reply_to_id         {key},
  in_reply_to_account_id TEXT,
  reblog_of_id           TEXT,
  content_type           TEXT NOT NULL,       -- text, image, video or carousel
  is_sponsored           BIGINT NOT NULL DEFAULT 0,
  view_count             BIGINT,
  engagement_status      TEXT NOT NULL DEFAULT 'not_engaged',
  -- the newest counts: those of the snapshot at counts_at
  counts_at              BIGINT NOT NULL,
  replies_count          BIGINT NOT NULL,
  reblogs_count          BIGINT NOT NULL,
  favourites_count       BIGINT NOT NULL,
  engagement_score       BIGINT NOT NULL,
  -- the newest version; those before it are in post_past_versions
  version_seq            BIGINT NOT NULL,     -- 0 for a boost, which has no content of its own
  valid_from             BIGINT NOT NULL,
  content_hash           BIGINT NOT NULL,     -- stays when the content is redacted
  content_html           TEXT,
  content_text           TEXT,
  spoiler_text           TEXT,
  media_ids              TEXT,                -- JSON array, in order
  hashtags               TEXT,                -- JSON array of names
  mentions               TEXT,                -- JSON array of addresses
  {posts_key}
);
CREATE INDEX posts_created ON posts (instance_id, created_at);
CREATE INDEX posts_account ON posts (instance_id, account_id, created_at);
CREATE INDEX posts_engagement ON posts (engagement_score DESC) WHERE engagement_score > 0 AND deleted_at IS NULL;
CREATE INDEX posts_replies ON posts (instance_id, in_reply_to_id) WHERE in_reply_to_id IS NOT NULL;
CREATE INDEX posts_edited ON posts (instance_id, edited_at) WHERE version_seq > 1;

CREATE TABLE post_past_versions (
  instance_id  BIGINT NOT NULL,
  post_id      {key} NOT NULL,
  version_seq  BIGINT NOT NULL,
  valid_from   BIGINT NOT NULL,
  valid_to     BIGINT NOT NULL,
  edited_at    BIGINT,
  content_hash BIGINT NOT NULL,
  content_html TEXT,
  content_text TEXT,
  spoiler_text TEXT,
  media_ids    TEXT,
  hashtags     TEXT,
  mentions     TEXT,
  sensitive    BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (instance_id, post_id, version_seq)
){without_rowid};

CREATE TABLE post_metric_snapshots (
  instance_id       BIGINT NOT NULL,
  post_id           {key} NOT NULL,
  captured_at       BIGINT NOT NULL,
  replies_count     BIGINT NOT NULL,
  reblogs_count     BIGINT NOT NULL,
  favourites_count  BIGINT NOT NULL,
  engagement_score  BIGINT NOT NULL,
  -- against the snapshot before it in time; of the first, the counts themselves
  replies_gained    BIGINT NOT NULL,
  reblogs_gained    BIGINT NOT NULL,
  favourites_gained BIGINT NOT NULL,
  is_first          BIGINT NOT NULL,
  PRIMARY KEY (instance_id, post_id, captured_at)
){without_rowid};
-- What velocity reads: most snapshots are a post's first, with nothing gained yet, and stay out of it.
CREATE INDEX post_metric_gains ON post_metric_snapshots
  (instance_id, captured_at, post_id, favourites_gained, reblogs_gained, replies_gained, is_first)
  WHERE favourites_gained <> 0 OR reblogs_gained <> 0 OR replies_gained <> 0;

-- When counts were read again and had not changed. Kept so that an older count that arrives late finds the same
-- neighbours whenever it comes.
CREATE TABLE post_unchanged_counts (
  instance_id BIGINT NOT NULL,
  post_id     {key} NOT NULL,
  observed_at BIGINT NOT NULL,
  PRIMARY KEY (instance_id, post_id, observed_at)
){without_rowid};

-- Deletions of posts that were never seen.
CREATE TABLE post_tombstones (
  instance_id BIGINT NOT NULL,
  post_id     {key} NOT NULL,
  deleted_at  BIGINT NOT NULL,
  PRIMARY KEY (instance_id, post_id)
){without_rowid};

CREATE TABLE hashtags (
  id            {integer_key},
  instance_id   BIGINT NOT NULL,
  name          {key} NOT NULL,
  first_seen_at BIGINT,
  last_seen_at  BIGINT,
  UNIQUE (instance_id, name)
);

CREATE TABLE post_hashtags (
  instance_id BIGINT NOT NULL,
  hashtag_id  BIGINT NOT NULL,
  created_at  BIGINT NOT NULL,                -- the post's
  post_id     {key} NOT NULL,
  PRIMARY KEY (instance_id, hashtag_id, created_at, post_id)
){without_rowid};

CREATE TABLE hashtag_hourly_stats (
  instance_id               BIGINT NOT NULL,
  hashtag_id                BIGINT NOT NULL,
  hour_ts                   BIGINT NOT NULL,
  posts_using_tag           BIGINT NOT NULL,
  unique_accounts_using_tag BIGINT NOT NULL,
  total_engagement          BIGINT NOT NULL,
  PRIMARY KEY (instance_id, hashtag_id, hour_ts)
){without_rowid};

-- The mentioned account need not have been seen.
CREATE TABLE post_mentions (
  instance_id BIGINT NOT NULL,
  post_id     {key} NOT NULL,
  account_id  {key} NOT NULL,
  acct        {key} NOT NULL,
  PRIMARY KEY (instance_id, post_id, account_id)
){without_rowid};
CREATE INDEX post_mentions_account ON post_mentions (instance_id, account_id);

CREATE TABLE media_attachments (
  instance_id BIGINT NOT NULL,
  post_id     {key} NOT NULL,
  id          {key} NOT NULL,
  position    BIGINT NOT NULL,
  type        TEXT NOT NULL,
  url         TEXT,
  preview_url TEXT,
  description TEXT,
  meta_json   TEXT,
  PRIMARY KEY (instance_id, post_id, id)
){without_rowid};

CREATE TABLE account_follows (
  instance_id         BIGINT NOT NULL,
  follower_account_id {key} NOT NULL,
  followee_account_id {key} NOT NULL,
  followed_at         BIGINT,                 -- null where the platform does not say
  seen_at             BIGINT NOT NULL,
  PRIMARY KEY (instance_id, follower_account_id, followee_account_id)
){without_rowid};

-- Posts whose text was edited or deleted after the search index and the sentiment analysis may have read them.
CREATE TABLE content_changes (
  seq         {identity},
  instance_id BIGINT NOT NULL,
  post_id     {key} NOT NULL
);

-- One row per version, model and prompt; score is the compound score from -1 to 1.
CREATE TABLE post_sentiments (
  instance_id        BIGINT NOT NULL,
  post_id            {key} NOT NULL,
  status_version_seq BIGINT NOT NULL,
  model              TEXT NOT NULL,
  prompt_version     TEXT NOT NULL,
  input_hash         {key} NOT NULL,           -- SHA-256 of the text, hexadecimal
  score              DOUBLE PRECISION NOT NULL,
  positive           DOUBLE PRECISION,
  neutral            DOUBLE PRECISION,
  negative           DOUBLE PRECISION,
  sentiment_label    TEXT NOT NULL,
  analyzed_at        BIGINT NOT NULL,
  PRIMARY KEY (instance_id, post_id, status_version_seq, model, prompt_version)
);
CREATE INDEX post_sentiments_input ON post_sentiments (input_hash, model, prompt_version);

CREATE TABLE daily_summaries (
  instance_id      BIGINT NOT NULL,
  date             {key} NOT NULL,             -- 2026-08-01, UTC
  window_start     BIGINT NOT NULL,
  window_end       BIGINT NOT NULL,
  summary_text     TEXT NOT NULL,
  mood             TEXT NOT NULL,             -- positive, neutral or negative
  avg_sentiment    DOUBLE PRECISION,
  topics_json      TEXT NOT NULL,
  notable_json     TEXT NOT NULL,
  provider         TEXT NOT NULL,             -- built-in where no language model took part
  model            TEXT NOT NULL,
  prompt_version   TEXT NOT NULL,
  input_stats_json TEXT NOT NULL,
  input_hash       {key} NOT NULL,
  created_at       BIGINT NOT NULL,
  PRIMARY KEY (instance_id, date)
);

-- Recomputed each hour for the hours that may have changed.
CREATE TABLE hourly_domain_stats (
  instance_id      BIGINT NOT NULL,
  hour_ts          BIGINT NOT NULL,
  domain           {key} NOT NULL,
  post_count       BIGINT NOT NULL,
  account_count    BIGINT NOT NULL,
  total_engagement BIGINT NOT NULL,
  PRIMARY KEY (instance_id, hour_ts, domain)
){without_rowid};

-- The user's own accounts. Credentials are AES-256-GCM; their key is not in the database.
CREATE TABLE accounts (
  id               {key} NOT NULL PRIMARY KEY, -- UUID v4
  platform         TEXT NOT NULL,
  instance_id      BIGINT NOT NULL,
  platform_user_id TEXT NOT NULL,
  username         TEXT NOT NULL,
  display_name     TEXT,
  session_path     TEXT,
  is_active        BIGINT NOT NULL DEFAULT 1,
  last_used_at     BIGINT,
  settings         TEXT NOT NULL DEFAULT '{}',
  credentials      TEXT,
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  UNIQUE (platform, instance_id, platform_user_id)
);

-- What each account, or the server as a guest, is watched for.
CREATE TABLE watches (
  id          {identity},
  instance_id BIGINT NOT NULL,
  account_id  {key},                           -- null: without signing in
  stream      TEXT NOT NULL,                  -- public, public:local, public:remote, hashtag:NAME, list:ID, user
  is_active   BIGINT NOT NULL DEFAULT 1,
  created_at  BIGINT NOT NULL,
  UNIQUE (instance_id, stream)
);
