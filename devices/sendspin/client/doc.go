// Package client is the client side of Sendspin in both dialects: hello or
// handshake, pairing, clock synchronisation, and a bounded buffer of timestamped
// audio chunks that the owner takes out in order. It connects to a server (Run) or takes servers
// that connect to it (Handler), with the specification's rule for several of
// them.
//
// It owns the connection, the clock filter and the buffer. It does not decode,
// play or find anything: gateway/player does the first two.
package client
