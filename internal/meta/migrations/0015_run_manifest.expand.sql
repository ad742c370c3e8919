-- Runs whose list of live objects in the bucket is older than their rows
-- (docs/design/137).
CREATE TABLE IF NOT EXISTS run_manifest_due (
  run BIGINT NOT NULL PRIMARY KEY,
  mark BIGINT NOT NULL               -- another one each time
){{table}};
INSERT INTO run_manifest_due (run, mark) SELECT DISTINCT run, 1 FROM segment WHERE run NOT IN (SELECT run FROM run_manifest_due);
