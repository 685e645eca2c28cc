DROP TRIGGER audit_entries_kept ON audit_entries;
DROP FUNCTION audit_entries_refuse();
