// Package sendspin is the server side of Sendspin, the open protocol for
// synchronised audio (repository Sendspin/spec), in both dialects that are in
// use: the cleartext one of January 2026 and the current, encrypted one, with
// pairing. docs/players.md names the revisions.
//
// A Server takes players that connect to its Handler and connects to players with
// Dial; each shows up as a Player on the Events channel. Who needs just sound calls
// Player.Start and Player.Send; the other methods are for volume, text, pictures,
// colours, what is to be shown of the sound, and inputs, each for the role that a
// client may have. A Config with an Identity speaks both dialects, one with Keys
// can pair as well.
//
// The package owns the connections: hello exchange, encryption, clock replies,
// send queues, time-outs, what a client that is not paired may do. It does not own
// what plays, encodes nothing, finds nobody on the network (see devices/mdns for
// that) and stores nothing: pairing records go through Config.Keys, and who was
// approved is asked through Config.Access.
//
// The client side is package sendspin/client, the messages are package
// sendspin/wire; noise has the encryption and pair the pairing.
package sendspin
