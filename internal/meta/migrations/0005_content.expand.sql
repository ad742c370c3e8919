-- Drafts that turn out to be a version that is there, and contents by digest
-- whatever their store.

ALTER TABLE artifact ADD COLUMN dedupe SMALLINT NOT NULL DEFAULT 0;   -- 1: a version with the same digest is taken instead
ALTER TABLE artifact ADD COLUMN same_as BIGINT NOT NULL DEFAULT 0;    -- the version that this draft became, 0 for none
CREATE INDEX artifact_run ON artifact (run_id);
CREATE INDEX content_lookup ON content (entity_id, algorithm, digest);
