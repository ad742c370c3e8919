-- The run table of a project, stored by column, so that the first question after
-- a start reads columns and not runs (docs/design/014). All of it can be made
-- again from the runs at any time.
CREATE TABLE IF NOT EXISTS run_part (
  project_id BIGINT NOT NULL,
  part INT NOT NULL,                 -- ordinals of the runs in it, over 4096
  as_of BIGINT NOT NULL,             -- what changed later may be missing
  runs INT NOT NULL,
  PRIMARY KEY (project_id, part)
){{table}};

CREATE TABLE IF NOT EXISTS run_part_bundle (
  project_id BIGINT NOT NULL,
  bundle BIGINT NOT NULL,            -- a hash of the names of its columns
  part INT NOT NULL,
  body LONGBLOB NOT NULL,            -- docs/format/run-table-v1.md
  PRIMARY KEY (project_id, bundle, part)
){{table}};

CREATE INDEX run_ordinal ON run (project_id, ordinal);
CREATE INDEX run_listed ON run (project_id, deleted, created, ordinal, rev);
