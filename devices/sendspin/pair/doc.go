// Package pair is pairing of Sendspin's current dialect, both sides of it: the
// three methods, their rounds and windows, CPace (draft-irtf-cfrg-cpace-21,
// CPACE-X25519-SHA512), pairing codes and pairing tokens (Sendspin/spec
// pairing.md, at the revision that docs/players.md names).
//
// Server and Client take messages and return messages: they own no connection,
// no clock and no storage. A value belongs to one goroutine; a Gate, which a
// client's connections share, may be used by several.
package pair
