-- The audit trail is added to and never changed; only retention takes rows away, oldest first, having moved the anchor.
CREATE TRIGGER audit_entries_unchanged BEFORE UPDATE ON audit_entries
BEGIN
  SELECT RAISE(ABORT, 'the audit trail cannot be changed');
END;
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries
WHEN OLD.number > (SELECT anchor_number FROM audit_head WHERE name = 'audit')
BEGIN
  SELECT RAISE(ABORT, 'the audit trail cannot be cut');
END;
