-- What the front-end remembers. Times are milliseconds since 1970. Keys of handles begin with 6 bytes of time, so that rows arrive in
-- key order and a sweep by age is a range; the rest is a hash, so that nobody can use what is stolen from here.

CREATE TABLE users (
  subject TEXT PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  claims TEXT NOT NULL
);

CREATE TABLE sessions (
  id BYTEA PRIMARY KEY,
  data TEXT NOT NULL,
  seen_at BIGINT NOT NULL
);

CREATE TABLE interactions (
  id BYTEA PRIMARY KEY,
  browser_hash BYTEA NOT NULL,
  request TEXT NOT NULL,
  must_choose INTEGER NOT NULL,
  authenticated_subject TEXT,
  shown TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  completed_at BIGINT
);

-- What was decided, once and for all: the evidence.
CREATE TABLE consents (
  id BYTEA PRIMARY KEY,
  subject TEXT NOT NULL,
  client_id BIGINT NOT NULL,
  requested TEXT NOT NULL,
  granted TEXT NOT NULL,
  declined TEXT NOT NULL,
  claims TEXT NOT NULL,
  locale TEXT NOT NULL,
  sentences_hash BYTEA NOT NULL,
  decided_at BIGINT NOT NULL
);

-- The latest decision about each scope and claim: the memory. One row each, so that decisions in several tabs do not overwrite
-- each other.
CREATE TABLE consented_items (
  subject TEXT NOT NULL,
  client_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  granted INTEGER NOT NULL,
  decided_at BIGINT NOT NULL,
  PRIMARY KEY (subject, client_id, kind, name)
);
