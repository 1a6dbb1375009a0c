// Package listen is the gateway's door to the network: one port that answers
// plain HTTP and TLS (told apart by a connection's first byte) with HTTP/1.1
// and HTTP/2 over TCP, and HTTP/3 on the same number over UDP, all by one
// handler.
//
// It also owns the certificates for it: a local CA that is made at first start
// and signs what the gateway answers with, or a certificate of one's own that
// is read again when its files change. It does not know what is served.
package listen
