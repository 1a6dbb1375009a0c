package listen

import (
	"net"

	"golang.org/x/sys/unix"
)

// growBuffer asks for a receive buffer and returns what there is, in bytes.
func growBuffer(udp *net.UDPConn, bytes int) int {
	_ = udp.SetReadBuffer(bytes) // what came of it is looked up below
	raw, err := udp.SyscallConn()
	if err != nil {
		return bytes
	}
	got := bytes
	_ = raw.Control(func(fd uintptr) {
		// Linux counts its own bookkeeping in and doubles what was asked.
		if n, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF); err == nil {
			got = n / 2
		}
		if got < bytes && unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bytes) == nil {
			got = bytes
		}
	})
	return got
}
