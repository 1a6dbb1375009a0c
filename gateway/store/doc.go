// Package store keeps what Jumpgate knows: one SQLite file, jumpgate.db, in the
// data folder.
//
// It owns the schema and its migrations, every query, the search index, and
// backups. It does not own secrets: passwords come hashed, sessions and tokens
// are kept as SHA-256 hashes, and the signing key and the local CA are files
// elsewhere. It knows nothing of files of music (package library finds them)
// or of playing.
//
// Reads go to a pool and see the last commit. Writes go through one goroutine,
// [Store.Run]; a write method returns nil only once its change is committed.
// The database is in WAL mode. What must not be lost (queue edits, plays,
// ratings, playlists, zones, devices, accounts) is committed with synchronous
// FULL, and survives a power cut; what the next scan or the next second brings
// again (scanned tracks, positions) with synchronous NORMAL, and survives a
// crash of the process.
//
// Every method may be called from any goroutine.
package store
