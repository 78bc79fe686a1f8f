-- The secret of a client that signs with it (client_secret_jwt), sealed with a key that is not in the database. Others have a hash alone.
ALTER TABLE clients ADD COLUMN sealed_secret BYTEA;
