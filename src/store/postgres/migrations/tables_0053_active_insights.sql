-- For people who open the database with SQL: the document's view. Linnet itself asks by its own clock and by scope.
CREATE VIEW active_insights AS
SELECT * FROM insights
WHERE (expires_at IS NULL OR expires_at > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
  AND withdrawn_at IS NULL;
-- down
DROP VIEW active_insights;
