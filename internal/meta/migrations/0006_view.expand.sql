-- Saved views of workspaces, and reports.
CREATE TABLE IF NOT EXISTS view_doc (
  id {{serial}},
  project_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,           -- who made it
  editor_id BIGINT NOT NULL,         -- who stored it last
  type VARCHAR(64) NOT NULL,
  name VARCHAR(128) NOT NULL,
  display_name LONGTEXT NOT NULL,
  description LONGTEXT NOT NULL,
  spec LONGBLOB NOT NULL,            -- s2 of JSON
  rev BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX view_doc_name ON view_doc (project_id, type, name);
