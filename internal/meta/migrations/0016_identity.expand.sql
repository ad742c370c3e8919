-- Who a person is at an identity provider (docs/design/128).
CREATE TABLE IF NOT EXISTS identity (
  id {{serial}},
  account_id BIGINT NOT NULL,
  digest {{bytes}}(32) NOT NULL,        -- SHA-256 of issuer, NUL, subject: compared byte for byte
  issuer VARCHAR(500) NOT NULL,
  created BIGINT NOT NULL,
  last_used BIGINT NOT NULL
){{table}};
CREATE UNIQUE INDEX identity_digest ON identity (digest);
CREATE INDEX identity_account ON identity (account_id);
