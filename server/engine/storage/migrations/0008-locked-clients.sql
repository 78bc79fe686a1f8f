-- Whether a client is locked: a copy of what its settings say, for statements to look at. In the JSON that we wrote, a quotation mark inside a
-- text or a name is preceded by a backslash, and no setting within another has this name. So these characters are that setting and nothing else.
ALTER TABLE clients ADD COLUMN locked BIGINT NOT NULL DEFAULT 0;

UPDATE clients SET locked = 1 WHERE settings_json LIKE '%"locked":true%';
