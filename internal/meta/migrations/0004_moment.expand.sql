-- Where a run's history stood when a file was stored or an artifact used: the
-- number of its next row then. 0 for what is older than this column.
ALTER TABLE file ADD COLUMN row0 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE artifact_use ADD COLUMN row0 BIGINT NOT NULL DEFAULT 0;

-- Files of a rewound run are set aside too, and a fork's rows name objects of
-- its parent: what is aside is looked up by object.
CREATE INDEX aside_object ON aside (object);

-- Forks and rewinds, in the order in which they were made.
CREATE TABLE IF NOT EXISTS branch (
  id {{serial}},
  run BIGINT NOT NULL,
  source BIGINT NOT NULL,            -- the run it was taken from; the run itself for a rewind
  step BIGINT NOT NULL,              -- the last one that was kept
  nrow BIGINT NOT NULL,              -- rows that were kept
  created BIGINT NOT NULL
){{table}};
CREATE INDEX branch_run ON branch (run);
