-- Who listens. A taste is a listener's id, or "zone:" and a zone's id.
CREATE TABLE listeners (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    account TEXT NOT NULL DEFAULT '', -- that it came with
    child INTEGER NOT NULL DEFAULT 0,
    learning INTEGER NOT NULL DEFAULT 1,
    created INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE zone_listeners (
    zone TEXT NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
    listener TEXT NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
    PRIMARY KEY (zone, listener)
) WITHOUT ROWID;
ALTER TABLE zones ADD COLUMN learning INTEGER NOT NULL DEFAULT 1;

-- What was heard and said so far is of whoever claimed the gateway.
INSERT INTO listeners (id, name, account, created) SELECT lower(hex(randomblob(10))), name, name, created FROM accounts;
INSERT INTO zone_listeners SELECT z.id, l.id FROM zones z, (SELECT id FROM listeners ORDER BY created LIMIT 1) l;

ALTER TABLE plays ADD COLUMN tastes TEXT NOT NULL DEFAULT ''; -- that it taught, separated by spaces
UPDATE plays SET tastes = coalesce((SELECT id FROM listeners ORDER BY created LIMIT 1), 'zone:' || zone);

ALTER TABLE ratings RENAME TO old_ratings;
CREATE TABLE ratings (
    taste TEXT NOT NULL,
    track TEXT NOT NULL,
    value INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (taste, track)
) WITHOUT ROWID;
INSERT INTO ratings SELECT coalesce((SELECT id FROM listeners ORDER BY created LIMIT 1),
    'zone:' || coalesce((SELECT id FROM zones ORDER BY created LIMIT 1), '')), track, value, changed FROM old_ratings;
DROP TABLE old_ratings;

-- What a listener corrects of a taste.
CREATE TABLE wishes (
    taste TEXT NOT NULL,
    kind TEXT NOT NULL,              -- "artist", "album", "track", "genre" or "mood"
    id TEXT NOT NULL,
    wish TEXT NOT NULL,              -- "pin", "ban" or "more"
    name TEXT NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (taste, kind, id)
) WITHOUT ROWID;

-- Listens that are handed on to a service of the listener's choice.
CREATE TABLE scrobbling (
    listener TEXT PRIMARY KEY REFERENCES listeners (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    token TEXT NOT NULL,
    problem TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE scrobbles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    listener TEXT NOT NULL REFERENCES scrobbling (listener) ON DELETE CASCADE,
    listen TEXT NOT NULL             -- as JSON
);
CREATE INDEX scrobbles_by_listener ON scrobbles (listener, id);
