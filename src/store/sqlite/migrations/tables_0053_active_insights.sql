-- For people who open the database with SQL: the document's view. Linnet itself asks by its own clock and by scope.
CREATE VIEW active_insights AS
SELECT * FROM insights
WHERE (expires_at IS NULL OR expires_at > CAST(strftime('%s', 'now') AS INTEGER) * 1000000) AND withdrawn_at IS NULL;
-- down
DROP VIEW active_insights;
