-- What a forked or rewound run's summary begins with. The process that goes on
-- does not know it and sends only what it logged itself: the one is laid over
-- the other.
CREATE TABLE IF NOT EXISTS summary_base (
  run BIGINT NOT NULL PRIMARY KEY,
  body LONGBLOB NOT NULL             -- s2 of JSON
){{table}};

-- What run.alert said, newest last.
CREATE TABLE IF NOT EXISTS alert (
  id {{serial}},
  run BIGINT NOT NULL,
  title {{bytes}}(1000) NOT NULL,
  body LONGTEXT NOT NULL,
  severity VARCHAR(8) NOT NULL,      -- INFO, WARN or ERROR
  wait BIGINT NOT NULL,              -- microseconds in which the same title is not repeated
  created BIGINT NOT NULL
){{table}};
CREATE INDEX alert_run ON alert (run, created);

-- What is kept of the rows of a run whose client leaves the summary to the
-- server.
CREATE TABLE IF NOT EXISTS summary_state (
  run BIGINT NOT NULL PRIMARY KEY,
  body LONGBLOB NOT NULL             -- s2 of JSON, docs/design/062
){{table}};
