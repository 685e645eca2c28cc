-- Messages of networks that have servers with channels, as the document on the data model has them, and where they stand.
-- Ids are the network's own. Direct messages are not here: they stand sealed in dm_messages.
CREATE TABLE servers (
  instance_id   BIGINT NOT NULL,
  id            {key} NOT NULL,
  name          TEXT,
  owner_id      {key},
  member_count  BIGINT,
  everyone_sees BIGINT,                  -- whether whoever joins sees a channel that says nothing; null: not told
  is_gone       BIGINT NOT NULL DEFAULT 0,
  first_seen_at BIGINT NOT NULL,
  PRIMARY KEY (instance_id, id)
){without_rowid};

CREATE TABLE server_roles (
  instance_id BIGINT NOT NULL,
  server_id   {key} NOT NULL,
  id          {key} NOT NULL,
  name        TEXT,
  is_gone     BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (instance_id, server_id, id)
){without_rowid};

-- Channels, and the threads in them.
CREATE TABLE channels (
  instance_id   BIGINT NOT NULL,
  id            {key} NOT NULL,
  server_id     {key} NOT NULL,
  kind          TEXT NOT NULL,           -- text, voice, category, announcement, forum, thread, private_thread, other
  name          TEXT,
  topic         TEXT,
  parent_id     {key},                   -- of a thread: its channel
  owner_id      {key},
  everyone_sees BIGINT,                  -- null: the server's own word counts, or the channel's of a thread
  is_archived   BIGINT NOT NULL DEFAULT 0,
  is_gone       BIGINT NOT NULL DEFAULT 0,
  created_at    BIGINT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  PRIMARY KEY (instance_id, id)
){without_rowid};
CREATE INDEX channels_server ON channels (instance_id, server_id);

CREATE TABLE server_members (
  instance_id BIGINT NOT NULL,
  server_id   {key} NOT NULL,
  user_id     {key} NOT NULL,
  nick        TEXT,
  role_ids    TEXT,                      -- JSON array; null: not told
  joined_at   BIGINT,
  has_left    BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (instance_id, server_id, user_id)
){without_rowid};
CREATE INDEX server_members_user ON server_members (instance_id, user_id);

CREATE TABLE messages (
  {row_number}
  instance_id        BIGINT NOT NULL,
  id                 {key} NOT NULL,
  server_id          {key} NOT NULL,
  channel_id         {key} NOT NULL,     -- of the thread, where it stands in one
  author_id          {key} NOT NULL,
  content            TEXT,               -- null: emptied when it was deleted
  created_at         BIGINT NOT NULL,
  edited_at          BIGINT,
  deleted_at         BIGINT,
  visibility_scope   TEXT NOT NULL CHECK (visibility_scope IN ('public', 'dm')),
  reactions          TEXT,               -- JSON: how often each was given; null: none
  ingested_at        BIGINT NOT NULL,    -- when its event was received
  by_person          BIGINT NOT NULL,    -- written by a member who is no bot
  is_of_system       BIGINT NOT NULL DEFAULT 0,
  reply_to_id        {key},
  reply_to_author_id {key},
  has_media          BIGINT NOT NULL DEFAULT 0,
  has_links          BIGINT NOT NULL DEFAULT 0,
  mentions           TEXT,               -- JSON array of ids
  media              TEXT,               -- JSON array of what is attached
  version_seq        BIGINT NOT NULL,
  valid_from         BIGINT NOT NULL,
  {posts_key}
);
CREATE INDEX messages_channel ON messages (channel_id, created_at);
CREATE INDEX messages_author ON messages (author_id, created_at);
CREATE INDEX messages_replies ON messages (instance_id, reply_to_id) WHERE reply_to_id IS NOT NULL;
CREATE INDEX messages_answers ON messages (reply_to_author_id) WHERE reply_to_author_id IS NOT NULL;

CREATE TABLE message_past_versions (
  instance_id BIGINT NOT NULL,
  message_id  {key} NOT NULL,
  version_seq BIGINT NOT NULL,
  valid_from  BIGINT NOT NULL,
  valid_to    BIGINT NOT NULL,
  content     TEXT,
  PRIMARY KEY (instance_id, message_id, version_seq)
){without_rowid};

-- Deletions of messages that were never seen.
CREATE TABLE message_tombstones (
  instance_id BIGINT NOT NULL,
  message_id  {key} NOT NULL,
  deleted_at  BIGINT NOT NULL,
  PRIMARY KEY (instance_id, message_id)
){without_rowid};

-- Who gave which reaction, also to messages that were never seen. What was taken back stays, so that it is
-- counted once however often it comes and goes.
CREATE TABLE message_reactions (
  instance_id BIGINT NOT NULL,
  message_id  {key} NOT NULL,
  user_id     {key} NOT NULL,
  emoji       {key} NOT NULL,            -- its id, or the character
  shown       TEXT NOT NULL,             -- as it stands in the counts: ":blob:", or the character
  added_at    BIGINT,                    -- null: before anybody looked
  removed_at  BIGINT,
  PRIMARY KEY (instance_id, message_id, user_id, emoji)
){without_rowid};
CREATE INDEX message_reactions_user ON message_reactions (instance_id, user_id);

-- Messages whose words changed, for who follows behind.
CREATE TABLE message_changes (
  seq         {identity},
  instance_id BIGINT NOT NULL,
  message_id  {key} NOT NULL
);

-- Whether every member of its server sees a channel or a thread. What is not told is not taken for granted.
CREATE VIEW open_channels AS
SELECT c.instance_id, c.id
FROM channels c
LEFT JOIN channels p ON p.instance_id = c.instance_id AND p.id = c.parent_id AND c.kind = 'thread'
LEFT JOIN servers s ON s.instance_id = c.instance_id AND s.id = c.server_id
WHERE c.kind <> 'private_thread'
  AND (c.kind <> 'thread' OR p.id IS NOT NULL)
  AND COALESCE(CASE WHEN c.kind = 'thread' THEN p.everyone_sees ELSE c.everyone_sees END, s.everyone_sees, 0) = 1;

CREATE VIEW threads AS
SELECT instance_id, id, server_id, parent_id AS channel_id, name, owner_id, is_archived, is_gone, created_at
FROM channels WHERE kind IN ('thread', 'private_thread');
-- down
DROP VIEW threads;
DROP VIEW open_channels;
DROP TABLE message_changes;
DROP TABLE message_reactions;
DROP TABLE message_tombstones;
DROP TABLE message_past_versions;
DROP TABLE messages;
DROP TABLE server_members;
DROP TABLE channels;
DROP TABLE server_roles;
DROP TABLE servers;
