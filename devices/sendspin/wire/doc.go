// Package wire is what Sendspin says, in the cleartext dialect (repository
// Sendspin/spec, README.md as of January 2026) and inside the encryption of the
// current one (messaging.md and roles/): JSON messages as Go structs, and binary
// messages with their header. It parses and builds bytes, within stated limits; it
// opens no connection and keeps no state.
//
// Both halves of the protocol use it: package sendspin (the server side) and
// package sendspin/client.
package wire
