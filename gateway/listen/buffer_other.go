//go:build !linux

package listen

import "net"

// growBuffer asks for a receive buffer; what came of it is not told here.
func growBuffer(udp *net.UDPConn, bytes int) int {
	_ = udp.SetReadBuffer(bytes)
	return bytes
}
