package certify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// link carries connections to the player's address, and can be bad at it.
type link struct {
	listener net.Listener
	to       string

	mu     sync.Mutex
	jitter time.Duration // each piece waits up to this long, in order
	still  time.Time     // nothing passes to the player before this
	conns  map[net.Conn]struct{}
	down   bool
	wg     sync.WaitGroup
}

func newLink(ctx context.Context, to string) (*link, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the link to the player: %w", err)
	}
	k := &link{listener: l, to: to, conns: map[net.Conn]struct{}{}}
	k.wg.Go(func() { k.serve(ctx) })
	return k, nil
}

func (k *link) address() string { return k.listener.Addr().String() }

func (k *link) serve(ctx context.Context) {
	for {
		near, err := k.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		k.wg.Go(func() { k.carry(ctx, near) })
	}
}

// carry joins two connections until either ends.
func (k *link) carry(ctx context.Context, near net.Conn) {
	defer near.Close()
	d := net.Dialer{Timeout: 5 * time.Second}
	far, err := d.DialContext(ctx, "tcp", k.to)
	if err != nil {
		return
	}
	defer far.Close()
	if !k.add(near, far) {
		return
	}
	defer k.remove(near, far)
	stop := context.AfterFunc(ctx, func() { _ = near.Close(); _ = far.Close() })
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.copy(ctx, near, far, false)
		_ = near.Close()
		_ = far.Close()
	}()
	k.copy(ctx, far, near, true)
	_ = near.Close()
	_ = far.Close()
	<-done
}

func (k *link) copy(ctx context.Context, to io.Writer, from io.Reader, down bool) {
	buf := make([]byte, 8<<10)
	for {
		n, err := from.Read(buf)
		if wait := k.wait(down); n > 0 && wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (k *link) wait(down bool) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	var wait time.Duration
	if k.jitter > 0 {
		wait = rand.N(k.jitter) //nolint:gosec // a network's whim is no secret
	}
	if down {
		wait = max(wait, time.Until(k.still))
	}
	return wait
}

func (k *link) add(conns ...net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range conns {
		if !k.down {
			k.conns[c] = struct{}{}
		}
	}
	return !k.down
}

func (k *link) remove(conns ...net.Conn) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range conns {
		delete(k.conns, c)
	}
}

// cut ends all connections as a lost network does, without a goodbye.
func (k *link) cut() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for c := range k.conns {
		_ = c.Close()
	}
}

func (k *link) setJitter(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.jitter = d
}

func (k *link) stall(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.still = time.Now().Add(d)
}

func (k *link) close() {
	k.mu.Lock()
	k.down = true
	k.mu.Unlock()
	_ = k.listener.Close()
	k.cut()
	k.wg.Wait()
}
