package certify

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// player is a client that listens, and takes what comes.
func player(t *testing.T, change func(*client.Config)) (address string) {
	t.Helper()
	cfg := client.Config{
		ID: "shelf", Name: "Shelf", Device: wire.DeviceInfo{Product: "Box", Version: "3"}, Volume: 40, RequiredLead: 200 * time.Millisecond,
		Formats: []wire.Format{{Codec: "flac", Channels: 2, Rate: 44100, Bits: 16}, {Codec: "pcm", Channels: 1, Rate: 48000, Bits: 24}, {Codec: "mp3", Channels: 2, Rate: 44100, Bits: 16}},
	}
	if change != nil {
		change(&cfg)
	}
	c, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	web := httptest.NewServer(c.Handler(ctx))
	t.Cleanup(func() {
		cancel()
		c.Wait()
		web.Close()
	})
	return strings.TrimPrefix(web.URL, "http://")
}

func TestGoodPlayer(t *testing.T) {
	report, err := Run(t.Context(), Config{Address: player(t, nil), Tone: 200 * time.Millisecond, Version: "9"})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := report.Text(&text); err != nil {
		t.Fatal(err)
	}
	t.Log(text.String())
	if !report.Passed() || report.Statement != "Tested with Jumpgate 9" || report.Product != "Box" {
		t.Errorf("%+v", report)
	}
	for _, want := range []string{"pass     plays flac 44100", "untried  plays mp3", "pass     comes back after a cut", "pass     goes over to a server that plays"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(strings.ToLower(text.String()), "certified") {
		t.Error("it says certified")
	}
	whole, err := json.Marshal(report)
	if err != nil || !strings.Contains(string(whole), `"result":"untried"`) {
		t.Errorf("%s, %v", whole, err)
	}
}

// TestNoPlainCodec: what a player must offer is missing.
func TestNoPlainCodec(t *testing.T) {
	address := player(t, func(c *client.Config) {
		c.Formats = []wire.Format{{Codec: "opus", Channels: 2, Rate: 48000, Bits: 16}}
		c.RequiredLead = 0
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	report, _ := Run(ctx, Config{Address: address, Tone: 50 * time.Millisecond})
	if report.Passed() || len(report.Checks) < 2 || report.Checks[1].Result != Fail {
		t.Errorf("%+v", report.Checks)
	}
}
