-- Names that a project or a run had before it was renamed or moved: what still
-- uses them is led to it (docs/design/016).
CREATE TABLE IF NOT EXISTS moved (
  entity_id BIGINT NOT NULL,
  project VARCHAR(128) NOT NULL,     -- the old name
  run VARCHAR(128) NOT NULL,         -- '' for the whole project
  from_project BIGINT NOT NULL,      -- where the run was, the project itself when it was renamed
  project_id BIGINT NOT NULL,        -- the project, 0 when a run was moved
  run_id BIGINT NOT NULL,            -- the run, 0 when a project was renamed
  moved BIGINT NOT NULL,
  PRIMARY KEY (entity_id, project, run)
){{table}};
CREATE INDEX moved_from ON moved (from_project, moved);

-- Parquet files made of a run's history for whoever asks (docs/design/015).
CREATE TABLE IF NOT EXISTS history_export (
  run BIGINT NOT NULL,
  part INT NOT NULL,
  gen BIGINT NOT NULL,               -- of the run when it was made
  nrow BIGINT NOT NULL,              -- rows below are in it
  store SMALLINT NOT NULL,
  object VARCHAR(200) NOT NULL,
  bytes BIGINT NOT NULL,
  used BIGINT NOT NULL,              -- when it was last asked for
  PRIMARY KEY (run, part)
){{table}};
CREATE INDEX history_export_used ON history_export (used);
