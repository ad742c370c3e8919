-- Times are microseconds since 1970 in UTC, 0 for "not". Names with _key are
-- the lower-case form that uniqueness is judged by. {{bytes}}(n) is a string
-- of bytes, compared byte by byte.

CREATE TABLE IF NOT EXISTS entity (
  id {{serial}},
  name VARCHAR(128) NOT NULL,
  name_key VARCHAR(128) NOT NULL,
  kind VARCHAR(8) NOT NULL,          -- user, team, org
  org_id BIGINT NOT NULL,            -- a team's organization, 0 for none
  created BIGINT NOT NULL,
  deleted BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX entity_name ON entity (name_key);
CREATE INDEX entity_org ON entity (org_id);

CREATE TABLE IF NOT EXISTS account (
  id {{serial}},
  name VARCHAR(128) NOT NULL,
  name_key VARCHAR(128) NOT NULL,
  entity_id BIGINT NOT NULL,         -- the personal entity, 0 for a service account
  email VARCHAR(320) NOT NULL,
  email_key VARCHAR(320) NOT NULL,   -- a service account's is its id
  full_name VARCHAR(256) NOT NULL,
  admin SMALLINT NOT NULL,
  disabled SMALLINT NOT NULL,
  service SMALLINT NOT NULL,
  service_team_id BIGINT NOT NULL,
  password VARCHAR(256) NOT NULL,    -- argon2id in PHC form, '' for none
  created BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  deleted BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX account_name ON account (name_key);
CREATE UNIQUE INDEX account_email ON account (email_key);

CREATE TABLE IF NOT EXISTS member (
  entity_id BIGINT NOT NULL,         -- a team or an organization
  account_id BIGINT NOT NULL,
  role VARCHAR(8) NOT NULL,
  created BIGINT NOT NULL,
  PRIMARY KEY (entity_id, account_id)
){{table}};
CREATE INDEX member_account ON member (account_id);

CREATE TABLE IF NOT EXISTS api_key (
  id {{serial}},
  account_id BIGINT NOT NULL,
  mac {{bytes}}(32) NOT NULL,        -- HMAC-SHA-256 under the secret key sec_id
  sec_id VARCHAR(16) NOT NULL,
  name VARCHAR(128) NOT NULL,
  hint VARCHAR(8) NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  revoked BIGINT NOT NULL,
  last_used BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX api_key_mac ON api_key (mac);
CREATE INDEX api_key_account ON api_key (account_id);

CREATE TABLE IF NOT EXISTS session (
  id {{serial}},
  account_id BIGINT NOT NULL,
  mac {{bytes}}(32) NOT NULL,
  agent VARCHAR(200) NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  last_used BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX session_mac ON session (mac);
CREATE INDEX session_account ON session (account_id);

-- What the server keeps for itself: the set-up link, system settings.
CREATE TABLE IF NOT EXISTS setting (
  name VARCHAR(128) NOT NULL PRIMARY KEY,
  value LONGBLOB NOT NULL,
  rev BIGINT NOT NULL,
  updated BIGINT NOT NULL
){{table}};

CREATE TABLE IF NOT EXISTS project (
  id {{serial}},
  entity_id BIGINT NOT NULL,
  name VARCHAR(128) NOT NULL,
  description LONGTEXT NOT NULL,
  access VARCHAR(16) NOT NULL,       -- 'team': its members only
  creator_id BIGINT NOT NULL,
  runs BIGINT NOT NULL,              -- runs ever created: the next ordinal
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  deleted BIGINT NOT NULL            -- part of the key, so that a name can be used again
){{table}};
CREATE UNIQUE INDEX project_name ON project (entity_id, name, deleted);

CREATE TABLE IF NOT EXISTS run (
  id {{serial}},
  project_id BIGINT NOT NULL,
  name VARCHAR(128) NOT NULL,
  display VARCHAR(512) NOT NULL,
  grp VARCHAR(512) NOT NULL,
  job_type VARCHAR(512) NOT NULL,
  notes LONGTEXT NOT NULL,
  tags LONGTEXT NOT NULL,            -- JSON list of strings
  account_id BIGINT NOT NULL,
  host VARCHAR(512) NOT NULL,
  program VARCHAR(1024) NOT NULL,
  commit_hash VARCHAR(128) NOT NULL,
  repo VARCHAR(1024) NOT NULL,
  sweep VARCHAR(128) NOT NULL,
  config LONGBLOB NOT NULL,          -- s2 of JSON
  started SMALLINT NOT NULL,         -- config has _wandb.t
  ordinal BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  deleted BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX run_name ON run (project_id, name);
CREATE INDEX run_updated ON run (project_id, updated);
CREATE INDEX run_project ON run (project_id);

-- The live part of a run: counters of the default writer. Locked first by
-- whoever changes the run's streams (ENGINE sections 4 and 5).
CREATE TABLE IF NOT EXISTS hist (
  run BIGINT NOT NULL PRIMARY KEY,
  project_id BIGINT NOT NULL,
  state VARCHAR(12) NOT NULL,
  exit_code INT NOT NULL,
  stop SMALLINT NOT NULL,
  heartbeat BIGINT NOT NULL,
  ended BIGINT NOT NULL,
  h_lines BIGINT NOT NULL,           -- lines accepted: history, events, output
  e_lines BIGINT NOT NULL,
  o_lines BIGINT NOT NULL,
  nrow BIGINT NOT NULL,              -- next row of history
  sealed BIGINT NOT NULL,            -- rows below are in segments
  e_nrow BIGINT NOT NULL,
  e_sealed BIGINT NOT NULL,
  o_seq BIGINT NOT NULL,             -- next console chunk
  h_first BIGINT NOT NULL,           -- hash of the session's first history line, 0 for none
  base BIGINT NOT NULL,              -- rows that the session found in place
  gaps BIGINT NOT NULL,              -- lines known to be missing
  gap_since BIGINT NOT NULL,         -- when the first request beyond the gap came
  gen BIGINT NOT NULL,
  tail_bytes BIGINT NOT NULL,
  tail_chunks INT NOT NULL,
  tail_since BIGINT NOT NULL,
  ver BIGINT NOT NULL,
  changed BIGINT NOT NULL            -- moves at most twice a second
){{table}};
CREATE INDEX hist_state ON hist (state);
CREATE INDEX hist_changed ON hist (project_id, changed);

-- Counters of the writers of a shared run.
CREATE TABLE IF NOT EXISTS hist_stream (
  run BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  writer VARCHAR(64) NOT NULL,
  line_count BIGINT NOT NULL,
  PRIMARY KEY (run, kind, writer)
){{table}};

CREATE TABLE IF NOT EXISTS run_summary (
  run BIGINT NOT NULL PRIMARY KEY,
  ver BIGINT NOT NULL,
  body LONGBLOB NOT NULL             -- s2 of JSON
){{table}};

-- Last value of each system metric, as the summary is of history.
CREATE TABLE IF NOT EXISTS run_system (
  run BIGINT NOT NULL PRIMARY KEY,
  ver BIGINT NOT NULL,
  body LONGBLOB NOT NULL
){{table}};

CREATE TABLE IF NOT EXISTS tail (
  run BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  row0 BIGINT NOT NULL,
  nrow INT NOT NULL,
  data LONGBLOB NOT NULL,            -- docs/format/chunk-v1.md
  PRIMARY KEY (run, kind, row0)
){{table}};

CREATE TABLE IF NOT EXISTS segment (
  run BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  row0 BIGINT NOT NULL,
  nrow BIGINT NOT NULL,
  nvis BIGINT NOT NULL,              -- rows that are visible
  level SMALLINT NOT NULL,
  store SMALLINT NOT NULL,
  object VARCHAR(200) NOT NULL,
  bytes BIGINT NOT NULL,
  points BIGINT NOT NULL,
  step_min BIGINT NOT NULL,
  step_max BIGINT NOT NULL,
  dir_off BIGINT NOT NULL,
  dir_len BIGINT NOT NULL,
  dir LONGBLOB NULL,                 -- the directory itself when it is short
  PRIMARY KEY (run, kind, row0)
){{table}};
CREATE INDEX segment_object ON segment (object);

-- Rows that a rewind or a new session set aside: segments and chunks, kept for
-- the undelete window.
CREATE TABLE IF NOT EXISTS aside (
  id {{serial}},
  run BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  gen BIGINT NOT NULL,
  row0 BIGINT NOT NULL,
  nrow BIGINT NOT NULL,
  store SMALLINT NOT NULL,
  object VARCHAR(200) NOT NULL,      -- '' for a chunk
  data LONGBLOB NULL,
  created BIGINT NOT NULL
){{table}};
CREATE INDEX aside_run ON aside (run);

-- Lines known to be missing.
CREATE TABLE IF NOT EXISTS gap (
  run BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  line0 BIGINT NOT NULL,
  line_count BIGINT NOT NULL,
  noted BIGINT NOT NULL,
  PRIMARY KEY (run, kind, line0)
){{table}};

-- Every object there is or may be, written before it is put: the collector's
-- list.
CREATE TABLE IF NOT EXISTS object (
  name VARCHAR(200) NOT NULL PRIMARY KEY,
  store SMALLINT NOT NULL,
  bytes BIGINT NOT NULL,
  created BIGINT NOT NULL
){{table}};

-- Console lines: each request's lines are a version; of two versions of a line
-- the later sequence wins.
CREATE TABLE IF NOT EXISTS console (
  run BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  line0 BIGINT NOT NULL,
  line_count INT NOT NULL,
  data LONGBLOB NOT NULL,            -- docs/format/console-v1.md
  PRIMARY KEY (run, seq)
){{table}};

-- Sealed console lines: blocks of some thousand lines.
CREATE TABLE IF NOT EXISTS console_block (
  run BIGINT NOT NULL,
  line0 BIGINT NOT NULL,
  line_count INT NOT NULL,
  seq BIGINT NOT NULL,               -- versions below are in the block
  store SMALLINT NOT NULL,
  object VARCHAR(200) NOT NULL,
  off BIGINT NOT NULL,
  len BIGINT NOT NULL,
  levels BIGINT NOT NULL,            -- bit set of the levels that occur
  time_min BIGINT NOT NULL,
  time_max BIGINT NOT NULL,
  PRIMARY KEY (run, line0)
){{table}};

CREATE TABLE IF NOT EXISTS file (
  id {{serial}},
  run BIGINT NOT NULL,
  name {{bytes}}(1000) NOT NULL,
  store SMALLINT NOT NULL,
  object VARCHAR(200) NOT NULL,
  bytes BIGINT NOT NULL,
  md5 {{bytes}}(16) NOT NULL,
  mime VARCHAR(128) NOT NULL,
  updated BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX file_name ON file (run, name);
CREATE INDEX file_object ON file (object);

-- Uploads handed out, by the object that the bytes will be. Storing the bytes
-- makes the object the file's.
CREATE TABLE IF NOT EXISTS upload (
  object VARCHAR(200) NOT NULL PRIMARY KEY,
  store SMALLINT NOT NULL,
  run BIGINT NOT NULL,
  name {{bytes}}(1000) NOT NULL,
  created BIGINT NOT NULL
){{table}};
CREATE INDEX upload_run ON upload (run);
CREATE INDEX upload_created ON upload (created);

CREATE TABLE IF NOT EXISTS job (
  id {{serial}},
  queue VARCHAR(32) NOT NULL,
  name VARCHAR(190) NOT NULL,        -- its parameters: duplicates collapse
  body LONGBLOB NOT NULL,
  due BIGINT NOT NULL,
  lease BIGINT NOT NULL,             -- until when it is taken
  token VARCHAR(32) NOT NULL,        -- who took it
  tries INT NOT NULL,
  fault VARCHAR(500) NOT NULL,
  created BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX job_name ON job (queue, name);
CREATE INDEX job_due ON job (queue, due);

-- Where a process began to write a stream of a run, and the hash of the first
-- line it wrote there: a line that comes again at that place either is the
-- same or begins a new session. For output (kind 2) first_hash is the console
-- sequence at which a process that does not resume was announced.
CREATE TABLE IF NOT EXISTS hist_session (
  run BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  gen BIGINT NOT NULL,
  base BIGINT NOT NULL,              -- number of its first line
  row0 BIGINT NOT NULL,              -- number of its first row
  first_hash BIGINT NOT NULL,
  next_line BIGINT NOT NULL,         -- when it was superseded: the line it would send next
  ended BIGINT NOT NULL,             -- when it was superseded, 0 for not
  PRIMARY KEY (run, kind, gen, base)
){{table}};
