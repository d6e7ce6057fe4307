-- Where a code went, and where it would have gone.

ALTER TABLE orders ADD COLUMN country TEXT          -- of the telephone
    CHECK (country IS NULL OR handle IS NOT NULL);
ALTER TABLE orders ADD COLUMN missed_channel TEXT   -- the contact before, if it was not reached
    CHECK (missed_channel IS NULL OR handle IS NOT NULL);
ALTER TABLE orders ADD COLUMN missed_country TEXT
    CHECK (missed_country IS NULL OR missed_channel IS NOT NULL);
ALTER TABLE orders ADD COLUMN missed_masked TEXT
    CHECK ((missed_masked IS NULL) = (missed_channel IS NULL));

-- How many codes for orders of each five minutes were sent to a country, and
-- how many of those were used.
CREATE TABLE conversions (
    country TEXT    NOT NULL,
    since   INTEGER NOT NULL,
    sent    INTEGER NOT NULL CHECK (sent >= 0),
    used    INTEGER NOT NULL CHECK (used >= 0),

    PRIMARY KEY (country, since)
) STRICT, WITHOUT ROWID;
