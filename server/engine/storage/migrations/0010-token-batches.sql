-- Batches of tokens that a front-end asked for, and what became of them. The tokens themselves are where all tokens are. Without a result, a
-- batch is not decided yet: who decides sets it, where it is still NULL.
CREATE TABLE token_batches (
  request_id BYTEA PRIMARY KEY,
  service_id BIGINT NOT NULL,
  result TEXT,
  error_code TEXT,
  error_description TEXT,
  token_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
