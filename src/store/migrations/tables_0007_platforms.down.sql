DROP VIEW platform_credentials_iso;
DROP VIEW platform_capabilities_iso;
DROP VIEW platforms_iso;
ALTER TABLE accounts DROP COLUMN scopes;
ALTER TABLE platform_capabilities RENAME TO platform_capabilities_after;
DROP INDEX platform_capabilities_server;
CREATE TABLE platform_capabilities (
  id               {identity},
  platform_id      BIGINT NOT NULL REFERENCES platforms (id),
  capability_type  {key} NOT NULL,
  capability_name  {key} NOT NULL,
  capability_value TEXT NOT NULL,
  description      TEXT,
  is_active        BIGINT NOT NULL DEFAULT 1,
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  UNIQUE (platform_id, capability_type, capability_name)
);
-- What single servers said has no place there.
INSERT INTO platform_capabilities (platform_id, capability_type, capability_name, capability_value, description, is_active,
                                   created_at, updated_at)
SELECT platform_id, capability_type, capability_name, capability_value, description, is_active, created_at, updated_at
FROM platform_capabilities_after WHERE server = '';
DROP TABLE platform_capabilities_after;
