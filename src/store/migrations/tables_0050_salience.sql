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

-- The ledger. `place` is the event's number in the log times 16, plus the kind of entry.
CREATE TABLE salience_ledger (
  topic_id BIGINT NOT NULL,
  place    BIGINT NOT NULL,
  amount   BIGINT NOT NULL,
  PRIMARY KEY (topic_id, place)
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

CREATE VIEW topic_salience AS
SELECT t.key AS topic_key, b.balance / 1000000.0 AS balance
FROM topic_balances b JOIN topics t ON t.id = b.topic_id;

CREATE VIEW salience_entries AS
SELECT
    substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 45) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 40) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 35) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 30) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 25) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 20) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 15) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 10) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 5) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + (((c.created_at / 1000) >> 0) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_high + (c.hash & 1099511627775) + l.place % 16 * 2654435761) & 1099511627775) >> 35) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_high + (c.hash & 1099511627775) + l.place % 16 * 2654435761) & 1099511627775) >> 30) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_high + (c.hash & 1099511627775) + l.place % 16 * 2654435761) & 1099511627775) >> 25) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_high + (c.hash & 1099511627775) + l.place % 16 * 2654435761) & 1099511627775) >> 20) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_high + (c.hash & 1099511627775) + l.place % 16 * 2654435761) & 1099511627775) >> 15) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_high + (c.hash & 1099511627775) + l.place % 16 * 2654435761) & 1099511627775) >> 10) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_high + (c.hash & 1099511627775) + l.place % 16 * 2654435761) & 1099511627775) >> 5) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_high + (c.hash & 1099511627775) + l.place % 16 * 2654435761) & 1099511627775) >> 0) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_low + (c.hash >> 22) + l.place % 16 * 2246822519) & 1099511627775) >> 35) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_low + (c.hash >> 22) + l.place % 16 * 2246822519) & 1099511627775) >> 30) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_low + (c.hash >> 22) + l.place % 16 * 2246822519) & 1099511627775) >> 25) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_low + (c.hash >> 22) + l.place % 16 * 2246822519) & 1099511627775) >> 20) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_low + (c.hash >> 22) + l.place % 16 * 2246822519) & 1099511627775) >> 15) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_low + (c.hash >> 22) + l.place % 16 * 2246822519) & 1099511627775) >> 10) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_low + (c.hash >> 22) + l.place % 16 * 2246822519) & 1099511627775) >> 5) & 31) AS INTEGER), 1)
    || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', CAST(1 + ((((t.hash_low + (c.hash >> 22) + l.place % 16 * 2246822519) & 1099511627775) >> 0) & 31) AS INTEGER), 1) AS id,
  t.key AS topic_key,
  CASE WHEN l.place % 16 < 5 THEN 'earn' WHEN l.place % 16 = 8 THEN 'retain' ELSE 'spend' END AS entry_type,
  CASE l.place % 16 WHEN 0 THEN 'earn' WHEN 1 THEN 'propagate' WHEN 2 THEN 'spill' WHEN 3 THEN 'warm'
    WHEN 4 THEN 'opening' WHEN 5 THEN 'decay' WHEN 6 THEN 'spend' WHEN 7 THEN 'reset' ELSE 'retain' END AS kind,
  l.amount / 1000000.0 AS amount,
  c.reason AS reason,
  {iso:c.created_at} AS created_at
FROM salience_ledger l
JOIN topics t ON t.id = l.topic_id
JOIN salience_causes c ON c.event = l.place / 16;
-- down
DROP VIEW salience_entries;
DROP VIEW topic_salience;
DROP TABLE salience_settings;
DROP TABLE salience_holders;
DROP TABLE topic_balances;
DROP TABLE salience_causes;
DROP TABLE salience_ledger;
DROP TABLE topics;
