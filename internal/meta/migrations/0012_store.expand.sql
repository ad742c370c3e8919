-- The stores that objects are in, beside the folder, which is 0 (docs/design/120).
CREATE TABLE IF NOT EXISTS store (
  id {{serial}},
  place VARCHAR(512) NOT NULL,       -- s3://bucket/prefix, without secrets
  created BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX store_place ON store (place);
