// Package mdns finds services on the local network and announces our own, by
// multicast DNS (RFC 6762) and DNS-based service discovery (RFC 6763).
//
// A [Node] owns one set of sockets, one cache and, in one goroutine, all that
// is decided from them. It browses several services at once and reports each
// instance, on each interface, as it appears, changes and goes; and it
// announces services of our own: probed for, renamed on a conflict, answered
// on the interface that asked with that interface's addresses, and taken back
// with a goodbye.
//
// The package owns the packets, the sockets and the timing. It does not know
// what a Chromecast or a player is, keeps nothing across restarts, and resolves
// no names but those that lead to a browsed service.
package mdns
