package gateway_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

// A player that says hello with the id of a Chromecast gets nothing: not its
// place in the list, nor what is played on it.
func TestPlayerWithAnotherDevicesID(t *testing.T) {
	o := observe(t, t.TempDir(), tones(t, 1, 20*time.Second))
	var cast observedDevice
	o.must("POST", "/devices", map[string]any{"kind": "cast", "address": "127.0.0.1:9"}, &cast)
	c, err := client.New(client.Config{
		ID: cast.ID, Name: "impostor", Formats: []wire.Format{{Codec: "pcm", Channels: 2, Rate: 44100, Bits: 16}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	url := strings.Replace(strings.TrimSuffix(o.url, "/api/v1"), "http:", "ws:", 1) + sendspin.Path
	_ = c.Run(ctx, url)
	if d := o.device(cast.ID); d.Name == "impostor" || d.Present || d.Kind != "cast" {
		t.Errorf("the Chromecast became %+v", d)
	}
}
