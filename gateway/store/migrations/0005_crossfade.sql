-- How long tracks are heard together where one follows another.
ALTER TABLE zones ADD COLUMN crossfade INTEGER NOT NULL DEFAULT 0;  -- microseconds
