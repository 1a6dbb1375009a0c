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

// listener is a player of its own that connects to the gateway.
type listener struct {
	*client.Client
	hangUp func()
}

func (o *observed) connect(id string, volume int) listener {
	o.t.Helper()
	c, err := client.New(client.Config{
		ID: id, Name: id, Volume: volume, Formats: []wire.Format{{Codec: "pcm", Channels: 2, Rate: 44100, Bits: 16}},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	url := strings.Replace(strings.TrimSuffix(o.url, "/api/v1"), "http:", "ws:", 1) + sendspin.Path
	go func() { defer close(ended); _ = c.Run(ctx, url) }()
	hangUp := func() { cancel(); <-ended }
	o.t.Cleanup(hangUp)
	o.until("the player "+id, 10*time.Second, func() bool { return o.device(id).Present })
	return listener{c, hangUp}
}

// A device is never louder than it was left, nor than its ceiling, whatever it
// had been turned to by other means.
func TestVolumeRules(t *testing.T) {
	o := observe(t, t.TempDir(), tones(t, 3, 20*time.Second))
	o.play(3)
	zone := o.zone().ID
	type step struct {
		does  string
		patch map[string]any // asked of the API
		turns int            // the knob of the device, if it is not 0
		again bool           // the device comes back, at its own volume
		want  int
	}
	join := map[string]any{"zone": zone}
	leave := map[string]any{"zone": nil}
	for _, c := range []struct {
		name  string
		own   int // the device's own volume when it comes
		steps []step
	}{
		{"first", 80, []step{{does: "joins", patch: join, want: 30}}},
		{"quiet", 10, []step{{does: "joins", patch: join, want: 10}}},
		{"ceiling", 20, []step{
			{does: "joins", patch: join, want: 20},
			{does: "turned up", patch: map[string]any{"volume": 70}, want: 70},
			{does: "limited", patch: map[string]any{"ceiling": 40}, want: 40},
			{does: "turned up over it", patch: map[string]any{"volume": 90}, want: 40},
			{does: "turned up at its knob", turns: 95, want: 40},
			{does: "limit raised", patch: map[string]any{"ceiling": 100}, want: 40},
		}},
		{"back", 15, []step{
			{does: "joins", patch: join, want: 15},
			{does: "turned up", patch: map[string]any{"volume": 50}, want: 50},
			{does: "back and loud", again: true, turns: 100, want: 50},
			{does: "turned down at its knob", turns: 25, want: 25},
			{does: "back and loud", again: true, turns: 100, want: 25},
		}},
		{"moved", 30, []step{
			{does: "joins", patch: join, want: 30},
			{does: "leaves", patch: leave, want: 30},
			{does: "turned up elsewhere", turns: 100, want: 100},
			{does: "joins", patch: join, want: 30},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &observed{t: t, url: o.url}
			p := o.connect(c.name, c.own)
			for _, s := range c.steps {
				switch {
				case s.patch != nil:
					o.must("PATCH", "/devices/"+c.name, s.patch, nil)
				case s.again:
					p.hangUp() // what the device says from here on is of the new connection
					o.until("it to be gone", 10*time.Second, func() bool { return !o.device(c.name).Present })
					p = o.connect(c.name, s.turns)
				default:
					p.SetVolume(s.turns)
				}
				o.until(s.does, 20*time.Second, func() bool {
					d := o.device(c.name)
					return p.Status().Volume == s.want && d.Volume != nil && *d.Volume == s.want
				})
			}
		})
	}
}
