-- When what a deleted run or project held was removed for good, 0 for not yet.
ALTER TABLE run ADD COLUMN purged BIGINT NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN purged BIGINT NOT NULL DEFAULT 0;
CREATE INDEX run_deleted ON run (purged, deleted);
CREATE INDEX project_deleted ON project (purged, deleted);
CREATE INDEX artifact_manifest_object ON artifact_manifest (object);
