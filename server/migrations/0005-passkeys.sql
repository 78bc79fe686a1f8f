-- WebAuthn §4, credential records: with what people sign in instead of a password. What is kept here opens nothing.
CREATE TABLE passkeys (
  -- The credential ID, base64url.
  credential_id TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  -- A COSE_Key, RFC 9052 §7.
  public_key BYTEA NOT NULL,
  -- The signature counter, §6.1.1; 0 for the many that have none.
  counter BIGINT NOT NULL,
  -- Ways to reach the authenticator, separated by spaces.
  transports TEXT NOT NULL,
  -- What the person calls it; may be empty.
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);

CREATE INDEX passkeys_of_subject ON passkeys (subject);

-- Challenges that nobody answered yet, under keys that begin with their time. A row is deleted by its answer.
CREATE TABLE passkey_challenges (
  id BYTEA PRIMARY KEY,
  browser_hash BYTEA NOT NULL,
  -- Whom the new passkey is for; empty for a sign-in, where nobody knows yet who comes.
  subject TEXT NOT NULL
);
