package gateway_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// players is where the gateway takes players.
func (o *observed) players() string {
	return strings.Replace(strings.TrimSuffix(o.url, "/api/v1"), "http:", "ws:", 1) + sendspin.Path
}

// player connects a player of the current dialect with one format and a key of
// its own, and waits until the gateway knows it. path is the device's.
func (o *observed) player(t *testing.T, key byte, cfg client.Config) (c *client.Client, path string) {
	t.Helper()
	identity, err := noise.IdentityOf([32]byte{key})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Identity, cfg.Unpaired = &identity, true
	cfg.Formats = []wire.Format{{Codec: "pcm", Channels: 2, Rate: 44100, Bits: 16}}
	if c, err = client.New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = c.Run(ctx, o.players()) }()
	t.Cleanup(func() { cancel(); <-ended })
	path = "/devices/" + identity.ID()
	o.until("the player", 10*time.Second, func() bool { return o.ask("GET", path, nil, nil) == 200 })
	return c, path
}
