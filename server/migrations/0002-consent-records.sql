-- What a person decided is more than scopes, and they can change their mind.

-- `decided` on the consent page, or `denied` there; `skipped` by the policy for clients of the house; or what was taken back later:
-- `scope-removed`, `detail-removed`, `app-removed`.
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
  PRIMARY KEY (subject, client_id)
);

-- Two things that differ: what the person said last (the memory, which saves them a page) and what may stand granted at the engine (which
-- they must be able to see and take back). A later no, or another grant, does not end what was given before.
-- `granted` is 1 for a yes, 0 for a no, and 2 where no decision of theirs counts: the policy of the house gave it, or the grant that it
-- was part of was replaced. `ends_at` and `resources` belong to the latest yes; no resource is any resource (RFC 8707).
ALTER TABLE consented_items ADD COLUMN ends_at BIGINT;
ALTER TABLE consented_items ADD COLUMN resources TEXT NOT NULL DEFAULT '';
-- `held` is 1 from the first grant until it is taken back. It was granted last at `held_since`, and stands until `held_until`, the latest
-- end of all its grants; NULL where one of them has none.
ALTER TABLE consented_items ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE consented_items ADD COLUMN held_since BIGINT;
ALTER TABLE consented_items ADD COLUMN held_until BIGINT;

UPDATE consented_items SET held = 1, held_since = decided_at WHERE granted = 1;

-- Authorization details that may stand granted, until they are taken back.
CREATE TABLE consented_details (
  subject TEXT NOT NULL,
  client_id BIGINT NOT NULL,
  detail_id TEXT NOT NULL,
  detail_json TEXT NOT NULL,
  decided_at BIGINT NOT NULL,
  -- When the latest yes ends, and the latest end of all, as above.
  ends_at BIGINT,
  held_until BIGINT,
  PRIMARY KEY (subject, client_id, detail_id)
);
