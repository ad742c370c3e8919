-- Settings that were changed while the server ran, and who changed them
-- (docs/design/125).
CREATE TABLE IF NOT EXISTS system_setting (
  name VARCHAR(64) NOT NULL PRIMARY KEY,
  held TEXT NOT NULL,                -- what counts, secrets sealed; empty: nothing was set
  prior TEXT NOT NULL                -- what counted before the revision on trial
){{table}};
CREATE TABLE IF NOT EXISTS system_revision (
  id {{serial}},
  after_id BIGINT NOT NULL,          -- the revision that it changed, 0 for the first
  actor VARCHAR(128) NOT NULL,
  made BIGINT NOT NULL,
  state VARCHAR(16) NOT NULL,        -- trial, kept, reverted
  reason TEXT NOT NULL               -- why it was reverted
){{table}};
CREATE UNIQUE INDEX system_revision_after ON system_revision (after_id);
CREATE TABLE IF NOT EXISTS system_change (
  revision BIGINT NOT NULL,
  name VARCHAR(64) NOT NULL,
  was TEXT NOT NULL,                 -- both without secrets
  becomes TEXT NOT NULL,
  PRIMARY KEY (revision, name)
){{table}};
