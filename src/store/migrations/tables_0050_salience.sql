-- What can be thought about, and how much attention each deserves. Amounts are millionths.
CREATE TABLE topics (
  id           {integer_key},
  key          {key} NOT NULL UNIQUE,
  category     TEXT NOT NULL,
  created_at   BIGINT NOT NULL,          -- first seen
  metadata     TEXT,                     -- JSON
  -- what the topic belongs to, as numbers of topics: related topics get of what it earns, and it of theirs
  first_owner  BIGINT,
  second_owner BIGINT,
  third_owner  BIGINT,
  servers      BIGINT NOT NULL DEFAULT 0,
  hash_high    BIGINT NOT NULL,          -- of the key, 40 bits each, for the ids of entries
  hash_low     BIGINT NOT NULL
);
CREATE INDEX topics_category ON topics (category);
CREATE INDEX topics_first_owner ON topics (first_owner) WHERE first_owner IS NOT NULL;
CREATE INDEX topics_second_owner ON topics (second_owner) WHERE second_owner IS NOT NULL;
CREATE INDEX topics_third_owner ON topics (third_owner) WHERE third_owner IS NOT NULL;

-- The ledger, many entries of a topic to a row: an event changes dozens of topics. The view `salience_ledger` has them
-- one by one: their place is the event's number in the log times 16, plus the kind of entry.
CREATE TABLE salience_pages (
  topic_id BIGINT NOT NULL,
  page     BIGINT NOT NULL,              -- of 64 entries, from 0; -1: the opening balance
  packed   TEXT NOT NULL,                -- JSON without the outer brackets: [place,amount],[place,amount]
  PRIMARY KEY (topic_id, page)
){without_rowid};

-- The events that entries come from.
CREATE TABLE salience_causes (
  event      {integer_key},
  created_at BIGINT NOT NULL,
  reason     {key},
  hash       BIGINT NOT NULL             -- of what happened, 62 bits, wherever in the log it stands
);

-- What the ledger adds up to, kept at each commit; `linnet db check` proves it.
CREATE TABLE topic_balances (
  topic_id     {integer_key},
  entries      BIGINT NOT NULL,
  balance      BIGINT NOT NULL,
  written      BIGINT NOT NULL,          -- entries that there ever were
  earned_place BIGINT NOT NULL,          -- when it last earned by itself, in the order of the log; 0: never
  earned_at    BIGINT NOT NULL
);

-- Who holds the role without which people of a server are nobody by name, where a server has such a role.
CREATE TABLE salience_holders (
  server_id {key} NOT NULL,
  user_id   {key} NOT NULL,
  PRIMARY KEY (server_id, user_id)
){without_rowid};

-- The settings by which it was reckoned last.
CREATE TABLE salience_settings (
  name  {key} NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
-- down
DROP TABLE salience_settings;
DROP TABLE salience_holders;
DROP TABLE topic_balances;
DROP TABLE salience_causes;
DROP TABLE salience_pages;
DROP TABLE topics;
