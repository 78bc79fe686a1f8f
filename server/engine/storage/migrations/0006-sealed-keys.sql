-- The JWK Set of a service, private keys included, sealed with a key that is not in the database. NULL where there is no such key: then the
-- set is among the settings.
ALTER TABLE services ADD COLUMN sealed_jwks BYTEA;
