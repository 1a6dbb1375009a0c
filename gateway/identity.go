package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// identity is who this gateway is on the network, across restarts and moves.
func (g *Gateway) identity(ctx context.Context) (string, error) {
	id, err := g.store.Setting(ctx, "identity")
	if err == nil && id != "" {
		return id, nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	id = strings.ToLower(rand.Text())
	return id, g.store.SetSetting(ctx, "identity", id)
}

// newSetupCode returns what claims a gateway that nobody has claimed yet: the
// same until it is used, so that a restart does not make a printed one void.
func (g *Gateway) newSetupCode(ctx context.Context) (string, error) {
	n, err := g.store.Accounts(ctx)
	if err != nil || n > 0 {
		return "", err
	}
	secret, err := g.folder.secret("setup.key", 16)
	if err != nil {
		return "", err
	}
	// Eight digits, in two groups that can be read over a shoulder and typed on
	// a phone; attempts are throttled.
	n64 := uint64(0)
	for _, b := range secret {
		n64 = n64*257 + uint64(b)
	}
	n64 %= 100_000_000
	return fmt.Sprintf("%04d-%04d", n64/10_000, n64%10_000), nil
}

// hostName is what a gateway is called in mDNS: letters, digits and dashes.
func hostName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	host := strings.Trim(b.String(), "-")
	if host == "" {
		host = "jumpgate"
	}
	return host + ".local"
}
