-- Public links to a saved view (docs/design/111); 0 for none.
ALTER TABLE share ADD COLUMN view_id BIGINT NOT NULL DEFAULT 0;
