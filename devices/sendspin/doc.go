// Package sendspin is the server side of Sendspin, the open protocol for
// synchronised audio, in its cleartext dialect (repository Sendspin/spec,
// README.md as of January 2026). A Server takes players that connect to its
// Handler and connects to players with Dial; each shows up as a Player on the
// Events channel and takes timestamped audio, volume, text and pictures.
//
// It owns the connections: hello exchange, clock replies, send queues, time-outs,
// who is approved. It does not own what plays, encodes nothing, finds nobody on
// the network (see devices/mdns for that) and stores nothing: what was approved
// is asked through Config.Access.
//
// The client side is package sendspin/client, the messages are package
// sendspin/wire.
package sendspin
