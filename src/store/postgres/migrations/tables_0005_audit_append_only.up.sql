-- The audit trail is added to and never changed; only retention takes rows away, oldest first, having moved the anchor.
CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION 'the audit trail cannot be changed';
  END IF;
  IF OLD.number > (SELECT anchor_number FROM audit_head WHERE name = 'audit') THEN
    RAISE EXCEPTION 'the audit trail cannot be cut';
  END IF;
  RETURN OLD;
END
$body$;
CREATE TRIGGER audit_entries_kept BEFORE UPDATE OR DELETE ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION audit_entries_refuse();
