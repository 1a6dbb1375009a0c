package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// maxSocketPath is what sun_path holds on Linux, less its terminator.
const maxSocketPath = 107

// ControlSocket returns where a gateway on the given data folder listens for
// the other commands. A folder whose path is too long for a socket address
// gets one in the temporary folder instead.
func ControlSocket(data string) string {
	path := filepath.Join(data, "control.sock")
	if len(path) <= maxSocketPath {
		return path
	}
	sum := sha256.Sum256([]byte(data))
	return filepath.Join(os.TempDir(), "jumpgate-"+hex.EncodeToString(sum[:8])+".sock")
}

// ControlClient returns an HTTP client that talks to the gateway that runs on
// the given data folder; the host part of its URLs does not matter.
func ControlClient(data string) *http.Client {
	return &http.Client{
		Timeout: 10 * time.Minute,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				var d net.Dialer
				return d.DialContext(ctx, "unix", ControlSocket(data))
			},
		},
	}
}

// openControl opens the socket on which the other commands are answered. The
// caller holds the data folder's lock.
func openControl(data string) (net.Listener, error) {
	path := ControlSocket(data)
	// A socket left by a killed gateway is ours to remove: we hold the lock.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove old control socket: %w", err)
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("protect control socket: %w", err)
	}
	return listener, nil
}

// serveControl answers the other commands until ctx ends, and closes the
// listener. Whoever can open the socket owns the data folder, so nothing is
// asked of them.
func serveControl(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	err := server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("control socket: %w", err)
}
