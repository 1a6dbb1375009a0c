//go:build !linux

package mdns

import (
	"errors"
	"fmt"
	"runtime"
)

// Sockets says that there are none: binding the group's address and learning
// the interface of each packet is written for Linux.
func Sockets(SocketConfig) (Network, error) {
	return nil, fmt.Errorf("mdns: sockets on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
