-- A queue is as it was picked, shuffled, or sorted by liking.
ALTER TABLE zones ADD COLUMN arranged TEXT NOT NULL DEFAULT '';
UPDATE zones SET arranged = 'shuffle' WHERE shuffle != 0;
ALTER TABLE zones DROP COLUMN shuffle;
