-- Nothing of authorization details is granted from memory, so nobody asks when the latest yes ends: `held_until` is all there is to know.
ALTER TABLE consented_details DROP COLUMN ends_at;
