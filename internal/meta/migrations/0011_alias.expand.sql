-- When aliases came to versions of artifacts and left them.

CREATE TABLE IF NOT EXISTS alias_event (
  id {{serial}},
  collection_id BIGINT NOT NULL,
  artifact_id BIGINT NOT NULL,
  alias VARCHAR(128) NOT NULL,
  given SMALLINT NOT NULL,           -- 1: it came, 0: it left
  moment BIGINT NOT NULL
){{table}};
CREATE INDEX alias_event_artifact ON alias_event (artifact_id, collection_id);
CREATE INDEX alias_event_collection ON alias_event (collection_id);
