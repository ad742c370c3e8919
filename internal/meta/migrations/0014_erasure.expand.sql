-- Values of a run's history that were deleted: hidden from the moment the row
-- is there, until no segment and no chunk holds them (docs/design/135).
CREATE TABLE IF NOT EXISTS erasure (
  id {{serial}},
  run BIGINT NOT NULL,
  row_to BIGINT NOT NULL,            -- rows below
  step_from BIGINT NOT NULL,
  step_to BIGINT NOT NULL,           -- exclusive
  sealed BIGINT NOT NULL,            -- rows below were looked at and rewritten
  key_list LONGBLOB NOT NULL,        -- s2 of a JSON list of strings
  created BIGINT NOT NULL
){{table}};
CREATE INDEX erasure_run ON erasure (run);
