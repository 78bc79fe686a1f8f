-- How often the front-end changed the tokens of the grant. A refresh that read them before such a change begins again, or it would bring
-- back what was changed.
ALTER TABLE grants ADD COLUMN token_changes BIGINT NOT NULL DEFAULT 0;
