-- Grant Management for OAuth 2.0: a client can give back a grant by its id, and then the person must not see it any longer. So we remember
-- which managed grants hold an item, and whether anything else may hold it as well: what was granted without such an id, or before this file.
ALTER TABLE consented_items ADD COLUMN held_plainly INTEGER NOT NULL DEFAULT 1;
ALTER TABLE consented_details ADD COLUMN held_plainly INTEGER NOT NULL DEFAULT 1;

-- `grant_key` is a hash of the id; of the ticket, until the engine has said the id. An engine that never says it leaves the row as it is:
-- then the item is shown until the person takes it back.
CREATE TABLE grant_holdings (
  grant_key BYTEA NOT NULL,
  subject TEXT NOT NULL,
  client_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (subject, client_id, kind, name, grant_key)
);

CREATE INDEX holdings_of_grant ON grant_holdings (grant_key);

-- OIDC Core §5.7: who signs in with another provider is known by its issuer and subject there, and by nothing else.
CREATE TABLE identities (
  issuer TEXT NOT NULL,
  sub TEXT NOT NULL,
  subject TEXT NOT NULL,
  PRIMARY KEY (issuer, sub)
);
