-- The trail keeps its rows and what kept it before; events that older versions do not know stay as they are.
DROP TRIGGER audit_head_whole ON audit_head;
DROP TRIGGER audit_head_forward ON audit_head;
DROP TRIGGER audit_head_alone ON audit_head;
DROP TRIGGER audit_head_kept ON audit_head;
DROP TRIGGER audit_entries_whole ON audit_entries;
DROP TRIGGER audit_entries_added ON audit_entries;
DROP TRIGGER audit_entries_unchanged ON audit_entries;
DROP TRIGGER audit_entries_kept ON audit_entries;
DROP FUNCTION audit_head_refuse();
CREATE TRIGGER audit_entries_kept BEFORE UPDATE OR DELETE ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION audit_entries_refuse();
DROP TABLE sealed_keys;
DROP TABLE raised_flags;
