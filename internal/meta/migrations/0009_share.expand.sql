-- Invitations to a team by link, and public read-only links (docs/design/110, 111).
CREATE TABLE IF NOT EXISTS invite (
  id {{serial}},
  entity_id BIGINT NOT NULL,         -- the team
  mac {{bytes}}(32) NOT NULL,           -- of the link's token
  role VARCHAR(16) NOT NULL,
  creator_id BIGINT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX invite_mac ON invite (mac);
CREATE INDEX invite_entity ON invite (entity_id);

CREATE TABLE IF NOT EXISTS share (
  id {{serial}},
  project_id BIGINT NOT NULL,
  run_id BIGINT NOT NULL,            -- 0: the whole project
  mac {{bytes}}(32) NOT NULL,           -- of the link's token
  creator_id BIGINT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL            -- 0: never
){{table}};
CREATE UNIQUE INDEX share_mac ON share (mac);
CREATE INDEX share_project ON share (project_id);
