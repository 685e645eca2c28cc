-- What is raised beside the tables stands in files on SQLite; this keeps both engines alike.
CREATE TABLE raised_flags (
  name {key} NOT NULL PRIMARY KEY,
  text TEXT NOT NULL
);
-- Keys that are themselves sealed with the secret key, so that a new secret key changes nothing that was made with them.
CREATE TABLE sealed_keys (
  id     {key} NOT NULL PRIMARY KEY,
  sealed TEXT NOT NULL
);

-- The emergency stop has events of its own.
DROP VIEW audit_entries_iso;
DROP TRIGGER audit_entries_unchanged;
DROP TRIGGER audit_entries_kept;
ALTER TABLE audit_entries RENAME TO audit_entries_before;
CREATE TABLE audit_entries (
  number      {integer_key},
  id          {key} NOT NULL UNIQUE,
  run_id      {key} NOT NULL,
  step_id     {key} NOT NULL,
  event_type  {key} NOT NULL CHECK (event_type IN ('session_start', 'session_end', 'navigate', 'extract', 'action_attempt',
                'action_complete', 'verification', 'error', 'rate_limit_hit', 'policy_block', 'emergency_stop',
                'emergency_resume')),
  platform    TEXT,
  account_id  {key},
  actor       TEXT,
  target_type {key},
  target_id   {key},
  outcome     {key} NOT NULL CHECK (outcome IN ('success', 'failure', 'skipped', 'pending')),
  details     TEXT NOT NULL DEFAULT '',
  timestamp   BIGINT NOT NULL,
  duration_ms BIGINT,
  hash        {key} NOT NULL
);
INSERT INTO audit_entries (number, id, run_id, step_id, event_type, platform, account_id, actor, target_type, target_id, outcome,
  details, timestamp, duration_ms, hash)
SELECT number, id, run_id, step_id, event_type, platform, account_id, actor, target_type, target_id, outcome, details, timestamp,
  duration_ms, hash FROM audit_entries_before ORDER BY number;
DROP TABLE audit_entries_before;
CREATE INDEX audit_entries_run ON audit_entries (run_id);
CREATE INDEX audit_entries_account ON audit_entries (account_id);
CREATE INDEX audit_entries_event ON audit_entries (event_type);
CREATE INDEX audit_entries_target ON audit_entries (target_id);
CREATE INDEX audit_entries_timestamp ON audit_entries (timestamp);
CREATE VIEW audit_entries_iso AS
SELECT number, id, run_id, step_id, event_type, platform, account_id, actor, target_type, target_id, outcome, details,
       {iso:timestamp} AS timestamp, duration_ms, hash
FROM audit_entries;

-- The audit trail is added to at its end and never changed; only retention takes rows away, oldest first, having said so in
-- the trail and moved the anchor. REPLACE deletes without asking the trigger for it, so that the one for adding asks.
CREATE TRIGGER audit_entries_unchanged BEFORE UPDATE ON audit_entries
BEGIN
  SELECT RAISE(ABORT, 'the audit trail cannot be changed');
END;
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries
WHEN OLD.number > COALESCE((SELECT anchor_number FROM audit_head WHERE name = 'audit'), 0)
BEGIN
  SELECT RAISE(ABORT, 'the audit trail cannot be cut');
END;
CREATE TRIGGER audit_entries_added BEFORE INSERT ON audit_entries
WHEN NEW.number IS NOT (SELECT number FROM audit_head WHERE name = 'audit')
  OR EXISTS (SELECT 1 FROM audit_entries WHERE number >= NEW.number) OR EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'the audit trail is added to at its end alone');
END;
CREATE TRIGGER audit_head_kept BEFORE DELETE ON audit_head
BEGIN
  SELECT RAISE(ABORT, 'the head of the audit trail cannot be removed');
END;
CREATE TRIGGER audit_head_alone BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)
BEGIN
  SELECT RAISE(ABORT, 'the audit trail has one head');
END;
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head
WHEN NEW.name <> OLD.name OR NEW.number < OLD.number OR NEW.number > OLD.number + 1 OR NEW.anchor_number < OLD.anchor_number
  OR (NEW.hash <> OLD.hash AND NEW.hash IS NOT (SELECT hash FROM audit_entries WHERE number = NEW.number))
  OR ((NEW.anchor_number <> OLD.anchor_number OR NEW.anchor_hash <> OLD.anchor_hash)
      AND (NEW.anchor_hash IS NOT (SELECT hash FROM audit_entries WHERE number = NEW.anchor_number)
           OR COALESCE((SELECT details FROM audit_entries WHERE number = NEW.number), '') NOT LIKE
              '_"what":"audit_cut","anchor_number":' || NEW.anchor_number || ',%'))
BEGIN
  SELECT RAISE(ABORT, 'the head of the audit trail goes forward, by what stands in the trail');
END;
