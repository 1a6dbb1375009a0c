// Package noise is the encryption of Sendspin's current dialect: identities,
// pre-shared keys, the cleartext init messages, the KKpsk2 handshake with its
// Sentinel fallback and re-handshake, transport messages and their fragments
// (Sendspin/spec connection.md, "Encryption", and messaging.md,
// "Fragmentation", at the revisions that docs/players.md names).
//
// It moves bytes and owns no connection. The server is always the initiator.
// A value belongs to one goroutine; Sealer and Opener of one session may belong
// to two. Parsers of outside bytes return errors that wrap ErrInit or ErrNoise.
package noise
