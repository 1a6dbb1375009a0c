-- Times are microseconds since 1970, durations microseconds.
CREATE TABLE tracks (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    root TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,          -- nanoseconds, as the file system has it
    print BLOB NOT NULL,             -- of the audio, to know a moved file again
    art INTEGER NOT NULL,            -- of the folder's picture when this was read
    title TEXT NOT NULL,
    title_sort TEXT NOT NULL,
    title_key TEXT NOT NULL,
    artist TEXT NOT NULL,
    artist_id TEXT NOT NULL,
    album TEXT NOT NULL,
    album_id TEXT NOT NULL,
    album_artist TEXT NOT NULL,
    album_artist_id TEXT NOT NULL,
    genre TEXT NOT NULL,
    mood TEXT NOT NULL,
    year INTEGER NOT NULL,
    disc INTEGER NOT NULL,
    discs INTEGER NOT NULL,
    number INTEGER NOT NULL,
    numbers INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    codec TEXT NOT NULL,
    rate INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    gain REAL NOT NULL,
    peak REAL NOT NULL,
    album_gain REAL NOT NULL,
    album_peak REAL NOT NULL,
    cover TEXT NOT NULL,
    waiting TEXT NOT NULL,
    added INTEGER NOT NULL,
    missing INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX tracks_by_root ON tracks (root);
CREATE INDEX tracks_by_print ON tracks (print);
CREATE INDEX tracks_by_title ON tracks (title_sort, n) WHERE missing = 0;
CREATE INDEX tracks_by_key ON tracks (title_key) WHERE missing = 0;
CREATE INDEX tracks_by_album ON tracks (album_id, disc, number);
CREATE INDEX tracks_by_artist ON tracks (artist_id);
CREATE INDEX tracks_by_album_artist ON tracks (album_artist_id);
CREATE INDEX tracks_by_cover ON tracks (cover);
CREATE INDEX tracks_waiting ON tracks (n) WHERE waiting != '' AND missing = 0;

CREATE TABLE albums (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    title_sort TEXT NOT NULL,
    title_key TEXT NOT NULL,
    artist TEXT NOT NULL,
    artist_id TEXT NOT NULL,
    year INTEGER NOT NULL,
    tracks INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    cover TEXT NOT NULL
);
CREATE INDEX albums_by_title ON albums (title_sort, n);
CREATE INDEX albums_by_key ON albums (title_key);
CREATE INDEX albums_by_artist ON albums (artist_id, year);

CREATE TABLE artists (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_sort TEXT NOT NULL,
    name_key TEXT NOT NULL,
    albums INTEGER NOT NULL,
    tracks INTEGER NOT NULL,
    cover TEXT NOT NULL
);
CREATE INDEX artists_by_name ON artists (name_sort, n);
CREATE INDEX artists_by_key ON artists (name_key);

CREATE TABLE playlists (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_sort TEXT NOT NULL,
    name_key TEXT NOT NULL,
    tracks INTEGER NOT NULL,
    changed INTEGER NOT NULL
);
CREATE TABLE playlist_tracks (
    playlist INTEGER NOT NULL REFERENCES playlists (n) ON DELETE CASCADE,
    pos INTEGER NOT NULL,
    track TEXT NOT NULL,
    PRIMARY KEY (playlist, pos)
) WITHOUT ROWID;

-- The search index: terms made by package terms, nothing else is kept here.
CREATE VIRTUAL TABLE track_terms USING fts5 (terms, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co'");
CREATE VIRTUAL TABLE album_terms USING fts5 (terms, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co'");
CREATE VIRTUAL TABLE artist_terms USING fts5 (terms, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co'");
CREATE VIRTUAL TABLE playlist_terms USING fts5 (terms, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5',
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co'");

CREATE TABLE ratings (
    track TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    changed INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE plays (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    zone TEXT NOT NULL,
    track TEXT NOT NULL,
    by TEXT NOT NULL,
    context TEXT NOT NULL,
    started INTEGER NOT NULL,
    heard INTEGER NOT NULL,
    length INTEGER NOT NULL,
    end TEXT NOT NULL
);
CREATE INDEX plays_by_track ON plays (track);

CREATE TABLE zones (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    repeat TEXT NOT NULL DEFAULT '',
    shuffle INTEGER NOT NULL DEFAULT 0,
    context_kind TEXT NOT NULL DEFAULT '',
    context_id TEXT NOT NULL DEFAULT '',
    context_name TEXT NOT NULL DEFAULT '',
    shuffled BLOB                    -- the order before shuffling, varints
);
CREATE TABLE zone_positions (
    zone TEXT PRIMARY KEY REFERENCES zones (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,             -- index into the queue
    offset INTEGER NOT NULL,
    playing INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE queue (
    zone TEXT NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
    entry TEXT NOT NULL,
    pos INTEGER NOT NULL,            -- orders the queue; numbers have gaps
    track TEXT NOT NULL,
    by TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (zone, entry)
) WITHOUT ROWID;
CREATE INDEX queue_by_pos ON queue (zone, pos);

CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    volume INTEGER NOT NULL,
    muted INTEGER NOT NULL,
    ceiling INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    delay INTEGER NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    zone TEXT NOT NULL,
    first_seen INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    password TEXT NOT NULL,          -- argon2id, in PHC form
    created INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,           -- SHA-256 of the secret
    account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,       -- SHA-256 of the secret
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    created INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
