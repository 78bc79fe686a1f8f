-- A row of `sessions` is inserted and deleted, and nothing but `seen_at` ever changes in it.

-- Which sessions a sign-out ends: all of this browser. NULL in rows from before this file.
ALTER TABLE sessions ADD COLUMN browser_hash BYTEA;

CREATE INDEX sessions_of_browser ON sessions (browser_hash);

-- OIDC Core §3.1.2.1: sign-ins with another provider that are under way. The key is that of their `state`; a row is deleted by its answer.
CREATE TABLE pending_sign_ins (
  id BYTEA PRIMARY KEY,
  browser_hash BYTEA NOT NULL,
  provider TEXT NOT NULL,
  pending_json TEXT NOT NULL
);
