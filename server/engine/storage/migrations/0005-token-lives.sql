-- The refresh token that the live one came of. Who repeats a refresh with it within a minute gets the same tokens again, where the
-- service wants it so.
ALTER TABLE grants ADD COLUMN previous_refresh_locator BYTEA;

-- Where a subject and a client have one access token at a time: who gives them one holds their row, so that of two only one is left.
-- The locator is the SHA-256 of service, client and subject.
CREATE TABLE single_access_tokens (
  locator BYTEA PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
