-- MusicBrainz recording ids. What was scanned before is read again for them.
ALTER TABLE tracks ADD COLUMN recording TEXT NOT NULL DEFAULT '';
UPDATE tracks SET mtime = 0;
CREATE INDEX plays_by_time ON plays (started);
