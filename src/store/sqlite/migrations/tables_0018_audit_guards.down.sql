-- The trail keeps its rows and what kept it before; events that older versions do not know stay as they are.
DROP TRIGGER audit_head_forward;
DROP TRIGGER audit_head_alone;
DROP TRIGGER audit_head_kept;
DROP TRIGGER audit_entries_added;
DROP TABLE sealed_keys;
DROP TABLE raised_flags;
