// Package transport carries Sendspin's messages over a WebSocket in either
// dialect: as they are in the cleartext one, sealed in the current one. Both
// sides of the protocol use it. One goroutine may read and one may write.
package transport
