-- What the engine remembers. SQLite and PostgreSQL run this same text.
-- Times are milliseconds since 1970. Lists of scopes are separated by spaces. Nothing here is of use to whoever reads it:
-- a handle (ticket, code, token) is kept as its locator, which is ordered by time and no secret, and its SHA-256, the proof.
-- A column exists because a statement looks at it; the rest of a record is JSON.

-- The last number that was given, by kind. Numbers are not given again, whatever is deleted.
CREATE TABLE sequences (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

-- Callers of the engine's API.
CREATE TABLE api_tokens (
  proof BYTEA PRIMARY KEY,
  id TEXT NOT NULL,
  rights TEXT NOT NULL,
  service_ids TEXT NOT NULL
);

CREATE TABLE services (
  service_id BIGINT PRIMARY KEY,
  number BIGINT NOT NULL,
  version BIGINT NOT NULL,
  settings_json TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL
);

CREATE TABLE clients (
  service_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  version BIGINT NOT NULL,
  alias TEXT NOT NULL,
  developer TEXT NOT NULL,
  secret_hash BYTEA NOT NULL,
  settings_json TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (service_id, client_id)
);

-- What clients answer to: their ids and their aliases, in one key, so that no alias can be another client's id.
-- The id of a deleted client stays here, so that it is not given again and nothing of the old client comes to life.
CREATE TABLE client_identifiers (
  service_id BIGINT NOT NULL,
  identifier TEXT NOT NULL,
  client_id BIGINT NOT NULL,
  PRIMARY KEY (service_id, identifier)
);

-- RFC 9126.
CREATE TABLE pushed_requests (
  locator BYTEA PRIMARY KEY,
  proof BYTEA NOT NULL,
  service_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  parameters TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  spent_at BIGINT
);

-- Authorization requests that wait for a person. A spent ticket is deleted.
CREATE TABLE tickets (
  locator BYTEA PRIMARY KEY,
  proof BYTEA NOT NULL,
  service_id BIGINT NOT NULL,
  pushed_locator BYTEA,
  pushed_proof BYTEA,
  context TEXT NOT NULL,
  request_json TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- One authorization, and where it stands. All that ever changes about codes and tokens changes here, in one row and so in one
-- statement: of all who race for a code, a refresh token or a revocation, the database lets one go first and shows the others
-- what it did. The rows of codes and tokens themselves are written once.
CREATE TABLE grants (
  grant_id BYTEA PRIMARY KEY,
  service_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  subject TEXT NOT NULL,
  -- What the subject left of it: one line of scopes for every narrowing. A scope holds if it is in every line.
  scope_limits TEXT,
  created_at BIGINT NOT NULL,
  -- When the last that came of it expires.
  expires_at BIGINT NOT NULL,
  -- When its code was redeemed.
  redeemed_at BIGINT,
  -- Its one live access token. A token of the grant that is not named here was replaced by a refresh.
  access_locator BYTEA,
  access_expires_at BIGINT,
  -- Its one live refresh token. A token of the grant that is not named here was rotated.
  refresh_locator BYTEA,
  refresh_expires_at BIGINT,
  rotated_at BIGINT,
  revoked_at BIGINT
);

CREATE INDEX grants_of_subject ON grants (service_id, subject, client_id);

CREATE TABLE authorization_codes (
  locator BYTEA PRIMARY KEY,
  proof BYTEA NOT NULL,
  service_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  subject TEXT NOT NULL,
  grant_id BYTEA NOT NULL,
  redirect_uri TEXT,
  code_challenge TEXT,
  code_challenge_method TEXT,
  authorization_json TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- An access token without a subject is the whole of its grant, and has no row in grants.
CREATE TABLE access_tokens (
  locator BYTEA PRIMARY KEY,
  proof BYTEA NOT NULL,
  service_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  subject TEXT,
  grant_id BYTEA NOT NULL,
  grant_type TEXT NOT NULL,
  scopes TEXT NOT NULL,
  authorization_json TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  -- When it came of a refresh.
  refreshed_at BIGINT
);

CREATE INDEX access_tokens_without_subject ON access_tokens (grant_id) WHERE subject IS NULL;

CREATE TABLE refresh_tokens (
  locator BYTEA PRIMARY KEY,
  proof BYTEA NOT NULL,
  service_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  subject TEXT NOT NULL,
  grant_id BYTEA NOT NULL,
  scopes TEXT NOT NULL,
  authorization_json TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  -- As it was given. Its grant knows better while it is the live one: a refresh token that is kept may live on.
  expires_at BIGINT NOT NULL
);

-- What a subject granted to a client, the last time and ever.
CREATE TABLE granted_scopes (
  service_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  subject TEXT NOT NULL,
  latest TEXT NOT NULL,
  merged TEXT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (service_id, client_id, subject)
);

-- RFC 7523 §3. The locator is the SHA-256 of service, client and jti.
CREATE TABLE used_jtis (
  locator BYTEA PRIMARY KEY,
  service_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
