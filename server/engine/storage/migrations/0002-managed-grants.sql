-- Authorization details that a subject takes back, and Grant Management for OAuth 2.0.

-- Like scope_limits: one line of ids for every narrowing. An authorization detail holds if its id is in every line.
ALTER TABLE grants ADD COLUMN detail_limits TEXT;

-- The managed grant that it is a part of.
ALTER TABLE grants ADD COLUMN managed_id TEXT;

-- When its managed grant was merged: from then on it has no refresh token and gets none, whatever a request read before.
ALTER TABLE grants ADD COLUMN refresh_ended_at BIGINT;

CREATE INDEX grants_of_managed_grant ON grants (service_id, managed_id) WHERE managed_id IS NOT NULL;

-- Grants that the client can name. They do not expire: they end when they are revoked, and with their client.
-- Who changes one, or begins a grant that is a part of it, holds its row first.
CREATE TABLE managed_grants (
  grant_id TEXT PRIMARY KEY,
  service_id BIGINT NOT NULL,
  client_id BIGINT NOT NULL,
  subject TEXT NOT NULL,
  content_json TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL
);

CREATE INDEX managed_grants_of_subject ON managed_grants (service_id, client_id, subject);
