-- Browsers in which customers have signed in.
CREATE TABLE sessions (
    key      BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32), -- a digest of the browser's secret
    customer TEXT    NOT NULL,
    began_at INTEGER NOT NULL,
    seen_at  INTEGER NOT NULL CHECK (seen_at >= began_at),
    sealed   BLOB    NOT NULL CHECK (length(sealed) <= 32768)      -- what only that secret opens
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_of_a_customer ON sessions (customer, began_at);
CREATE INDEX sessions_by_use ON sessions (seen_at);
