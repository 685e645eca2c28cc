-- The ledger as people read it with SQL.
CREATE VIEW salience_ledger AS
SELECT p.topic_id, p.page, CAST(e.entry ->> 0 AS BIGINT) AS place, CAST(e.entry ->> 1 AS BIGINT) AS amount
FROM salience_pages p CROSS JOIN LATERAL jsonb_array_elements(CAST('[' || p.packed || ']' AS jsonb)) AS e (entry);

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
DROP VIEW salience_ledger;
