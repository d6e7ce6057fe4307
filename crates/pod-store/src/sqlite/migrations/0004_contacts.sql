-- What customers decide of their contacts.

-- The contact that codes go to first. It may be one that is known elsewhere:
-- besides the contacts, this is the only place with whole numbers and
-- addresses.
CREATE TABLE preferences (
    customer TEXT NOT NULL PRIMARY KEY,
    channel  TEXT NOT NULL,
    contact  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The contact that a customer has yet to prove, by a name that does not tell
-- which it is.
CREATE TABLE enrolments (
    customer            TEXT    NOT NULL PRIMARY KEY,
    contact             TEXT    NOT NULL,
    summary             TEXT    NOT NULL,
    begun_at            INTEGER NOT NULL,
    ends_at             INTEGER NOT NULL,       -- when the first of its codes expires
    attempts            INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),

    proof_challenge     BLOB    NOT NULL CHECK (length(proof_challenge) = 16),
    proof_nonce         BLOB    NOT NULL CHECK (length(proof_nonce) = 16),
    proof_handle        TEXT    NOT NULL,
    proof_channel       TEXT    NOT NULL,
    proof_country       TEXT,
    proof_masked        TEXT    NOT NULL,
    proof_sent_at       INTEGER NOT NULL,
    proof_expires_at    INTEGER NOT NULL,

    approval_challenge  BLOB    CHECK (length(approval_challenge) = 16),
    approval_nonce      BLOB    CHECK (length(approval_nonce) = 16),
    approval_handle     TEXT,
    approval_channel    TEXT,
    approval_country    TEXT,
    approval_masked     TEXT,
    approval_sent_at    INTEGER,
    approval_expires_at INTEGER,

    -- A code is there as a whole or not at all.
    CHECK (CASE WHEN approval_challenge IS NULL
        THEN approval_nonce IS NULL AND approval_handle IS NULL AND approval_channel IS NULL
            AND approval_country IS NULL AND approval_masked IS NULL
            AND approval_sent_at IS NULL AND approval_expires_at IS NULL
        ELSE approval_nonce IS NOT NULL AND approval_handle IS NOT NULL
            AND approval_channel IS NOT NULL AND approval_masked IS NOT NULL
            AND approval_sent_at IS NOT NULL AND approval_expires_at IS NOT NULL
    END)
) STRICT, WITHOUT ROWID;

CREATE INDEX enrolments_by_end ON enrolments (ends_at);
