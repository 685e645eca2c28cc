-- What a platform can do: what it says itself, for all its servers or for one, beside what a person set lower.
ALTER TABLE platform_capabilities RENAME TO platform_capabilities_before;
CREATE TABLE platform_capabilities (
  id               {identity},
  platform_id      BIGINT NOT NULL REFERENCES platforms (id),
  capability_type  {key} NOT NULL,        -- content, media, api, limits
  capability_name  {key} NOT NULL,
  server           {key} NOT NULL DEFAULT '', -- host of the server that says so; empty: all servers
  capability_value TEXT NOT NULL,         -- what counts: the lower of stated_value and set_value
  stated_value     TEXT,                  -- what the platform says; null: it says nothing of this
  stated_at        BIGINT,                -- when it last said so
  set_value        TEXT,                  -- what a person set; null: nothing
  set_by           TEXT,
  description      TEXT,
  is_active        BIGINT NOT NULL DEFAULT 1, -- 0: the platform said so once, and no longer does
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  UNIQUE (platform_id, capability_type, capability_name, server)
);
CREATE INDEX platform_capabilities_server ON platform_capabilities (platform_id, server);
INSERT INTO platform_capabilities (platform_id, capability_type, capability_name, capability_value, set_value, description,
                                   is_active, created_at, updated_at)
SELECT platform_id, capability_type, capability_name, capability_value, capability_value, description, is_active, created_at,
       updated_at
FROM platform_capabilities_before;
DROP TABLE platform_capabilities_before;

-- What the account's sign-in allows, as the platform names it: "read write:statuses"; null: not known.
ALTER TABLE accounts ADD COLUMN scopes TEXT;

-- For people who open the database with SQL. Values of credentials are sealed, and not shown here.
CREATE VIEW platforms_iso AS
SELECT id, name, display_name, description, status, priority,
       {iso:created_at} AS created_at,
       {iso:updated_at} AS updated_at
FROM platforms;

CREATE VIEW platform_capabilities_iso AS
SELECT c.id, p.name AS platform, c.capability_type, c.capability_name, c.server, c.capability_value, c.stated_value, c.set_value,
       c.set_by, c.description, c.is_active,
       {iso:c.stated_at} AS stated_at,
       {iso:c.created_at} AS created_at,
       {iso:c.updated_at} AS updated_at
FROM platform_capabilities c JOIN platforms p ON p.id = c.platform_id;

CREATE VIEW platform_credentials_iso AS
SELECT c.id, p.name AS platform, c.credential_type, c.credential_key, c.is_encrypted, c.is_active,
       {iso:c.expires_at} AS expires_at,
       {iso:c.created_at} AS created_at,
       {iso:c.updated_at} AS updated_at
FROM platform_credentials c JOIN platforms p ON p.id = c.platform_id;
