-- Whether somebody who may say so said that an account's address is its owner's
-- (docs/design/128). Of accounts that are there nobody did.
ALTER TABLE account ADD COLUMN email_proven SMALLINT NOT NULL DEFAULT 0;
