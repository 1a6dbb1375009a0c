-- Tags of WMA and text chunks of AIFF are read: what was scanned before is read
-- again for them.
UPDATE tracks SET mtime = 0 WHERE lower(path) GLOB '*.wma' OR lower(path) GLOB '*.aif' OR lower(path) GLOB '*.aiff';
