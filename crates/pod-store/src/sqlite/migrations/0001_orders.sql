-- Times are microseconds since 1970 in UTC, in whole numbers.

CREATE TABLE orders (
    seq          INTEGER PRIMARY KEY,
    customer     TEXT    NOT NULL,
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    placed_at    INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    summary      TEXT    NOT NULL,
    currency     TEXT,
    minor        INTEGER,               -- unsigned: from 2^63 on it looks negative
    details      TEXT    NOT NULL,
    challenge    BLOB    NOT NULL CHECK (length(challenge) = 16),
    nonce        BLOB    NOT NULL CHECK (length(nonce) = 16),
    sends        INTEGER NOT NULL CHECK (sends >= 1),
    last_send_at INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    state_at     INTEGER,               -- since when; unknown to the two that wait
    ended_at     INTEGER,               -- the same, for what cannot be confirmed any more
    attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    handle       TEXT,
    channel      TEXT,
    masked       TEXT,
    sent_at      INTEGER,
    expires_at   INTEGER,

    CHECK ((currency IS NULL) = (minor IS NULL)),
    -- Each state has what belongs to it, and nothing else.
    CHECK (CASE state
        WHEN 'placed' THEN state_at IS NULL AND ended_at IS NULL AND handle IS NULL
        WHEN 'awaiting_code' THEN state_at IS NULL AND ended_at IS NULL AND handle IS NOT NULL
        WHEN 'undelivered' THEN state_at IS NOT NULL AND ended_at IS NULL AND handle IS NULL
        WHEN 'confirmed' THEN state_at IS NOT NULL AND ended_at IS state_at AND handle IS NULL
        WHEN 'expired' THEN state_at IS NOT NULL AND ended_at IS state_at AND handle IS NULL
        WHEN 'refused' THEN state_at IS NOT NULL AND ended_at IS state_at AND handle IS NULL
        WHEN 'superseded' THEN state_at IS NOT NULL AND ended_at IS state_at AND handle IS NULL
        WHEN 'cancelled' THEN state_at IS NOT NULL AND ended_at IS state_at AND handle IS NULL
        ELSE FALSE
    END),
    -- A challenge is there as a whole or not at all.
    CHECK (CASE WHEN handle IS NULL
        THEN channel IS NULL AND masked IS NULL AND sent_at IS NULL AND expires_at IS NULL
        ELSE channel IS NOT NULL AND masked IS NOT NULL AND sent_at IS NOT NULL
            AND expires_at IS NOT NULL
    END)
) STRICT;

CREATE UNIQUE INDEX orders_by_id ON orders (id);
CREATE INDEX orders_of_a_customer ON orders (customer, id);
CREATE INDEX open_orders_of_a_customer ON orders (customer, id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX one_order_awaits_its_code ON orders (customer) WHERE state = 'awaiting_code';
CREATE UNIQUE INDEX one_open_order_has_a_challenge ON orders (challenge) WHERE ended_at IS NULL;

-- Failures over all orders of a customer. No row: none.
CREATE TABLE standings (
    customer        TEXT    NOT NULL PRIMARY KEY,
    failures        BLOB    NOT NULL CHECK (length(failures) % 8 = 0),  -- times, oldest first
    consecutive     INTEGER NOT NULL CHECK (consecutive >= 0),
    locks           INTEGER NOT NULL CHECK (locks >= 0),
    locked_until    INTEGER,
    locked_for_good INTEGER NOT NULL CHECK (locked_for_good IN (0, 1)),
    forget_at       INTEGER NOT NULL,   -- when the failures are too old to count
    erased          INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)), -- not to outlast that

    CHECK (locked_until IS NULL OR locked_for_good = 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE quotas (
    key       BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 16),
    takings   BLOB    NOT NULL CHECK (length(takings) % 8 = 0),         -- times, oldest first
    forget_at INTEGER NOT NULL          -- when no window looks back to them any more
) STRICT, WITHOUT ROWID;

CREATE TABLE requests (
    seq        INTEGER PRIMARY KEY,
    key        BLOB    NOT NULL UNIQUE CHECK (length(key) = 16),
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    keep_until INTEGER NOT NULL
) STRICT;

CREATE INDEX requests_by_end ON requests (keep_until);

-- Apart from the requests, so that those stay small and never grow.
CREATE TABLE replies (
    request INTEGER PRIMARY KEY REFERENCES requests (seq) ON DELETE CASCADE,
    reply   BLOB    NOT NULL
) STRICT;

-- The one place that has whole numbers and addresses.
CREATE TABLE contacts (
    customer TEXT    NOT NULL,
    position INTEGER NOT NULL,          -- 0 is preferred
    channel  TEXT    NOT NULL,
    contact  TEXT    NOT NULL,

    PRIMARY KEY (customer, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
    account  TEXT NOT NULL PRIMARY KEY,
    customer TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX links_of_a_customer ON links (customer);
