-- Who wrote it, what it is a part of, and by what other names its artist goes.
-- What was scanned before is read again for them.
ALTER TABLE tracks ADD COLUMN composer TEXT NOT NULL DEFAULT '';
ALTER TABLE tracks ADD COLUMN work TEXT NOT NULL DEFAULT '';
ALTER TABLE tracks ADD COLUMN movement INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tracks ADD COLUMN artist_sort TEXT NOT NULL DEFAULT '';
ALTER TABLE tracks ADD COLUMN artist_mbid TEXT NOT NULL DEFAULT '';
UPDATE tracks SET mtime = 0;
