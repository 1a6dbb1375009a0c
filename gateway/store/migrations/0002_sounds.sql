-- What tracks sound like, measured in the background.
CREATE TABLE sounds (
    track TEXT PRIMARY KEY,
    print BLOB NOT NULL,             -- of the audio that was measured, as in tracks
    version INTEGER NOT NULL,        -- of the measures
    features BLOB NOT NULL           -- empty: nothing could be measured
) WITHOUT ROWID;
