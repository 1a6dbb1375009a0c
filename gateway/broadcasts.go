package gateway

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/linein"
	"github.com/jumpgate-audio/jumpgate/gateway/player"
	"github.com/jumpgate-audio/jumpgate/gateway/rtc"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

const (
	// maxBroadcasts bounds what is taken at the same time.
	maxBroadcasts = 8
	// unheardFor is how long a broadcast goes on that no zone plays: a microphone
	// should not stay open when the music has gone on without it.
	unheardFor = time.Minute
	// opusRate is what Opus is decoded at, and what RTP counts it in.
	opusRate = 48000
	// mostMissing is the longest piece that silence stands in for.
	mostMissing = opusRate
	maxNameLen  = 100
)

// broadcasts are what microphones and programs send by WHIP, each as something that
// zones can play. Its methods may be called from any goroutine.
type broadcasts struct {
	zones *zones
	log   *slog.Logger

	mu   sync.Mutex
	byID map[string]*broadcast
}

// broadcast is what comes from one source. Its methods of rtc.Sink are called from
// one goroutine; what is named behind mu is guarded by broadcasts.mu.
type broadcast struct {
	of       *broadcasts
	id, name string
	dec      interface {
		Decode(packet []byte) ([]float32, error)
	}
	stereo []float32
	next   uint32 // where the packet begins that is to come
	began  bool

	readers map[*linein.Input]bool // behind mu
	ended   bool
	unheard *time.Timer // ends the source; stopped while somebody reads
}

// publish implements rtc.Config.Publish: what the source sends is played in the zone
// at once, and the queue goes on behind it.
func (b *broadcasts) publish(ctx context.Context, zoneID string, s *rtc.Source) (rtc.Sink, error) {
	running, ok := b.zones.get(zoneID)
	if !ok {
		return nil, fmt.Errorf("zone %q: %w", zoneID, store.ErrNotFound)
	}
	dec, err := player.NewChunks(client.Stream{PlayerStream: wire.PlayerStream{Codec: string(audio.Opus), Rate: opusRate, Channels: 2, Bits: 16}})
	if err != nil {
		return nil, err
	}
	c := &broadcast{of: b, id: "whip-" + strings.ToLower(rand.Text()), name: s.Name(), dec: dec, readers: map[*linein.Input]bool{}}
	if c.name == "" || len(c.name) > maxNameLen {
		c.name = "Live"
	}
	if err := b.begin(c, s.Close); err != nil {
		return nil, err
	}
	if _, err := running.Add(ctx, zone.AddRequest{Tracks: []string{api.InputPrefix + c.id}, At: zone.AtNow}); err != nil {
		c.Close()
		return nil, fmt.Errorf("play it in zone %s: %w", zoneID, err)
	}
	b.log.Info("a broadcast begins", "name", c.name, "zone", zoneID)
	return c, nil
}

// begin lets a broadcast be played; end is called when nobody has for long enough.
func (b *broadcasts) begin(c *broadcast, end func()) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.byID) >= maxBroadcasts {
		return fmt.Errorf("%d broadcasts run", maxBroadcasts)
	}
	b.byID[c.id] = c
	c.unheard = time.AfterFunc(unheardFor, end)
	return nil
}

// Broadcast implements api.Broadcasts.
func (b *broadcasts) Broadcast(id string) (name string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.byID[id]; c != nil {
		return c.name, true
	}
	return "", false
}

// open returns what a zone plays of a broadcast.
func (b *broadcasts) open(ctx context.Context, id string) (audio.Decoder, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.byID[id]
	if c == nil {
		return nil, fmt.Errorf("%w: broadcast %q", zone.ErrNoTrack, id)
	}
	var in *linein.Input
	in = linein.New(ctx, opusRate, 0, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if delete(c.readers, in); len(c.readers) == 0 && !c.ended {
			c.unheard.Reset(unheardFor)
		}
	})
	c.readers[in] = true
	c.unheard.Stop()
	return in, nil
}

// Opus implements rtc.Sink.
func (c *broadcast) Opus(packet []byte, at uint32) {
	pcm, err := c.dec.Decode(packet)
	if err != nil {
		c.of.log.Debug("a broadcast's packet", "name", c.name, "error", err)
		return // silence stands in for it when the next has come
	}
	c.stereo = c.stereo[:0]
	if missing := int32(at - c.next); c.began && missing > 0 && missing <= mostMissing { //nolint:gosec // RTP's clock wraps around
		c.stereo = append(c.stereo, make([]float32, 2*missing)...)
	}
	c.stereo = append(c.stereo, pcm...)
	c.next, c.began = at+uint32(len(pcm)/2), true //nolint:gosec // a packet is at most 120 ms
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	for in := range c.readers {
		in.Write(c.stereo)
	}
}

// Close implements rtc.Sink. Zones play on with what follows.
func (c *broadcast) Close() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.ended = true
	c.unheard.Stop()
	delete(c.of.byID, c.id)
	for in := range c.readers {
		in.End()
	}
}
