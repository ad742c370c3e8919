-- Artifacts: versions of collections, the objects they name, and who used them.

CREATE TABLE IF NOT EXISTS artifact_type (
  id {{serial}},
  project_id BIGINT NOT NULL,
  name VARCHAR(128) NOT NULL,
  description LONGTEXT NOT NULL,
  created BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX artifact_type_name ON artifact_type (project_id, name);

CREATE TABLE IF NOT EXISTS artifact_collection (
  id {{serial}},
  project_id BIGINT NOT NULL,
  type_id BIGINT NOT NULL,
  portfolio SMALLINT NOT NULL,       -- 1: holds links, 0: a sequence
  name VARCHAR(128) NOT NULL,
  description LONGTEXT NOT NULL,
  client VARCHAR(128) NOT NULL,      -- the id that the client gave it, '' for none
  versions BIGINT NOT NULL,          -- the next version's number
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  deleted BIGINT NOT NULL            -- part of the key, so that a name can be used again
){{table}};
CREATE UNIQUE INDEX artifact_collection_name ON artifact_collection (project_id, name, deleted);
CREATE INDEX artifact_collection_client ON artifact_collection (client);

CREATE TABLE IF NOT EXISTS artifact (
  id {{serial}},
  collection_id BIGINT NOT NULL,
  state VARCHAR(16) NOT NULL,
  digest VARCHAR(64) NOT NULL,
  description LONGTEXT NOT NULL,
  metadata LONGTEXT NOT NULL,
  account_id BIGINT NOT NULL,
  run_id BIGINT NOT NULL,            -- 0 for none
  client VARCHAR(128) NOT NULL,
  distributed VARCHAR(128) NOT NULL,
  step BIGINT NOT NULL,              -- -1 for none
  ttl BIGINT NOT NULL,
  wanted LONGTEXT NOT NULL,          -- JSON list of the aliases that commit gives
  bytes BIGINT NOT NULL,
  files BIGINT NOT NULL,
  version BIGINT NOT NULL,           -- -1 for a draft
  manifest_id BIGINT NOT NULL,       -- 0 for a draft
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL
){{table}};
CREATE INDEX artifact_digest ON artifact (collection_id, digest);
CREATE INDEX artifact_client ON artifact (client);

CREATE TABLE IF NOT EXISTS artifact_member (
  id {{serial}},
  collection_id BIGINT NOT NULL,
  artifact_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX artifact_member_version ON artifact_member (collection_id, version);
CREATE UNIQUE INDEX artifact_member_artifact ON artifact_member (artifact_id, collection_id);

CREATE TABLE IF NOT EXISTS artifact_alias (
  id {{serial}},
  collection_id BIGINT NOT NULL,
  alias VARCHAR(128) NOT NULL,
  artifact_id BIGINT NOT NULL,
  created BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX artifact_alias_name ON artifact_alias (collection_id, alias);
CREATE INDEX artifact_alias_artifact ON artifact_alias (artifact_id);

-- A tag of a version or of a collection; the other id is 0.
CREATE TABLE IF NOT EXISTS artifact_tag (
  id {{serial}},
  artifact_id BIGINT NOT NULL,
  collection_id BIGINT NOT NULL,
  name VARCHAR(128) NOT NULL
){{table}};
CREATE UNIQUE INDEX artifact_tag_name ON artifact_tag (artifact_id, collection_id, name);

CREATE TABLE IF NOT EXISTS artifact_manifest (
  id {{serial}},
  artifact_id BIGINT NOT NULL,
  name VARCHAR(128) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  base_id BIGINT NOT NULL,
  digest {{bytes}}(16) NOT NULL,     -- empty: not written yet
  store SMALLINT NOT NULL,
  object VARCHAR(200) NOT NULL,
  created BIGINT NOT NULL
){{table}};
CREATE INDEX artifact_manifest_artifact ON artifact_manifest (artifact_id);

-- Bytes that manifests of an entity name by their digest, stored once.
CREATE TABLE IF NOT EXISTS content (
  id {{serial}},
  entity_id BIGINT NOT NULL,
  store SMALLINT NOT NULL,
  algorithm SMALLINT NOT NULL,       -- 0: MD5
  digest {{bytes}}(16) NOT NULL,
  bytes BIGINT NOT NULL,             -- -1 until they were stored
  object VARCHAR(200) NOT NULL,
  created BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX content_digest ON content (entity_id, store, algorithm, digest);
CREATE UNIQUE INDEX content_object ON content (object);

CREATE TABLE IF NOT EXISTS artifact_use (
  run_id BIGINT NOT NULL,
  artifact_id BIGINT NOT NULL,
  output SMALLINT NOT NULL,          -- 1: the run logged it, 0: it used it
  used_as VARCHAR(128) NOT NULL,
  created BIGINT NOT NULL,
  PRIMARY KEY (run_id, artifact_id, output)
){{table}};
CREATE INDEX artifact_use_artifact ON artifact_use (artifact_id, output);
