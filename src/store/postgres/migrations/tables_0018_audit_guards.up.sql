-- Words that every process sees at once, each in a transaction of its own: see store/raised_flags.hpp.
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
ALTER TABLE audit_entries DROP CONSTRAINT audit_entries_event_type_check;
ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_event_type_check CHECK (event_type IN ('session_start', 'session_end',
  'navigate', 'extract', 'action_attempt', 'action_complete', 'verification', 'error', 'rate_limit_hit', 'policy_block',
  'emergency_stop', 'emergency_resume'));

-- The audit trail is added to at its end and never changed; only retention takes rows away, oldest first, having said so in
-- the trail and moved the anchor. ALWAYS: also for sessions that replicate.
DROP TRIGGER audit_entries_kept ON audit_entries;
DROP FUNCTION audit_entries_refuse();
CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION 'the audit trail cannot be cut';
  END IF;
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'the audit trail cannot be changed';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.number IS DISTINCT FROM (SELECT number FROM audit_head WHERE name = 'audit')
       OR EXISTS (SELECT 1 FROM audit_entries WHERE number >= NEW.number) THEN
      RAISE EXCEPTION 'the audit trail is added to at its end alone';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.number > COALESCE((SELECT anchor_number FROM audit_head WHERE name = 'audit'), 0) THEN
    RAISE EXCEPTION 'the audit trail cannot be cut';
  END IF;
  RETURN OLD;
END
$body$;
CREATE FUNCTION audit_head_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP = 'DELETE' OR TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION 'the head of the audit trail cannot be removed';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF EXISTS (SELECT 1 FROM audit_head) THEN
      RAISE EXCEPTION 'the audit trail has one head';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.name <> OLD.name OR NEW.number < OLD.number OR NEW.number > OLD.number + 1 OR NEW.anchor_number < OLD.anchor_number
     OR (NEW.hash <> OLD.hash AND NEW.hash IS DISTINCT FROM (SELECT hash FROM audit_entries WHERE number = NEW.number))
     OR ((NEW.anchor_number <> OLD.anchor_number OR NEW.anchor_hash <> OLD.anchor_hash)
         AND (NEW.anchor_hash IS DISTINCT FROM (SELECT hash FROM audit_entries WHERE number = NEW.anchor_number)
              OR COALESCE((SELECT details FROM audit_entries WHERE number = NEW.number), '') NOT LIKE
                 '_"what":"audit_cut","anchor_number":' || NEW.anchor_number || ',%')) THEN
    RAISE EXCEPTION 'the head of the audit trail goes forward, by what stands in the trail';
  END IF;
  RETURN NEW;
END
$body$;
CREATE TRIGGER audit_entries_unchanged BEFORE UPDATE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_entries_refuse();
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_entries_refuse();
CREATE TRIGGER audit_entries_added BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_entries_refuse();
CREATE TRIGGER audit_entries_whole BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse();
CREATE TRIGGER audit_head_kept BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_head_refuse();
CREATE TRIGGER audit_head_alone BEFORE INSERT ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_head_refuse();
CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_head_refuse();
CREATE TRIGGER audit_head_whole BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_head_refuse();
ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_unchanged;
ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_kept;
ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_added;
ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_whole;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_kept;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_alone;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_forward;
ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_whole;
