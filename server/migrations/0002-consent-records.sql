-- What a person decided is more than scopes, and they can change their mind.

-- `decided` on the consent page, `skipped` by the policy for clients of the house, or what was taken back later: `scope-removed`,
-- `detail-removed`, `app-removed`.
ALTER TABLE consents ADD COLUMN event TEXT NOT NULL DEFAULT 'decided';
ALTER TABLE consents ADD COLUMN declined_claims TEXT NOT NULL DEFAULT '';
-- {"requested": [], "granted": []}: authorization details as the page showed them, and as they were granted (RFC 9396).
ALTER TABLE consents ADD COLUMN details_json TEXT NOT NULL DEFAULT '{"requested":[],"granted":[]}';
-- How long the person let it last, and when that ends; NULL where they set no end.
ALTER TABLE consents ADD COLUMN duration TEXT NOT NULL DEFAULT 'unlimited';
ALTER TABLE consents ADD COLUMN ends_at BIGINT;
-- Where the decision came from, as coarse as evidence allows: `loopback`, `private` or `public`.
ALTER TABLE consents ADD COLUMN ip_class TEXT NOT NULL DEFAULT '';

CREATE INDEX consents_of_subject ON consents (subject, client_id);

-- What a person sees under "connected apps": the client as it described itself the last time.
CREATE TABLE connected_apps (
  subject TEXT NOT NULL,
  client_id BIGINT NOT NULL,
  client_json TEXT NOT NULL,
  first_allowed_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  ends_at BIGINT,
  PRIMARY KEY (subject, client_id)
);

-- Authorization details that are granted now.
CREATE TABLE consented_details (
  subject TEXT NOT NULL,
  client_id BIGINT NOT NULL,
  detail_id TEXT NOT NULL,
  detail_json TEXT NOT NULL,
  decided_at BIGINT NOT NULL,
  PRIMARY KEY (subject, client_id, detail_id)
);
