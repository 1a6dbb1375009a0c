package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/linein"
	"github.com/jumpgate-audio/jumpgate/gateway/player"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// inputPatience is how long a device may take to send its input once it was asked.
const inputPatience = 5 * time.Second

// errNoInput: the device is not there, has no input, or is not allowed to send it.
var errNoInput = errors.New("the device's input cannot be heard")

// zoneMusic gives zones their tracks and, beside them, what is heard as it happens:
// broadcasts and the inputs of devices.
type zoneMusic struct {
	*tracks
	inputs     *inputs
	broadcasts *broadcasts
}

// Track implements zone.Tracks.
func (m *zoneMusic) Track(ctx context.Context, id string) (zone.Track, error) {
	live, is := strings.CutPrefix(id, api.InputPrefix)
	if !is {
		return m.tracks.Track(ctx, id)
	}
	if name, ok := m.broadcasts.Broadcast(live); ok {
		return zone.Track{ID: id, Title: name, Live: true}, nil
	}
	return m.inputs.track(ctx, live)
}

// Open implements zone.Tracks.
func (m *zoneMusic) Open(ctx context.Context, id string) (audio.Decoder, error) {
	live, is := strings.CutPrefix(id, api.InputPrefix)
	if !is {
		return m.tracks.Open(ctx, id)
	}
	if _, ok := m.broadcasts.Broadcast(live); ok {
		return m.broadcasts.open(ctx, live)
	}
	return m.inputs.open(ctx, live)
}

// inputs are the inputs of devices that somebody listens to: each is captured once,
// for all zones. Its methods may be called from any goroutine.
type inputs struct {
	house *house
	log   *slog.Logger

	mu       sync.Mutex
	captures map[*sendspin.Player]*capture
}

// capture is what comes from one device. It is guarded by inputs.mu.
type capture struct {
	player  *sendspin.Player
	format  wire.PlayerStream
	begun   chan struct{} // closed when format is known, or it has ended
	ended   bool
	stop    context.CancelFunc // of the goroutine that decodes
	readers map[*linein.Input]bool
}

func (i *inputs) device(ctx context.Context, id string) (p *sendspin.Player, name string, err error) {
	err = i.house.do(ctx, func() error {
		s := i.house.speakers[id]
		if s == nil {
			return fmt.Errorf("%w: input of %q", zone.ErrNoTrack, id)
		}
		name = i.house.name(s)
		if link, ok := s.link.(*playerLink); ok {
			p = link.player
		}
		return nil
	})
	return p, name, err
}

func (i *inputs) track(ctx context.Context, device string) (zone.Track, error) {
	_, name, err := i.device(ctx, device)
	return zone.Track{ID: api.InputPrefix + device, Title: name, Live: true}, err
}

// open has a device send its input, and returns what a zone plays of it.
func (i *inputs) open(ctx context.Context, device string) (audio.Decoder, error) {
	p, name, err := i.device(ctx, device)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, fmt.Errorf("%s: %w", name, errNoInput)
	}
	c, err := i.ask(p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, errNoInput, err)
	}
	patience := time.NewTimer(inputPatience)
	defer patience.Stop()
	select {
	case <-c.begun:
	case <-patience.C:
	case <-ctx.Done():
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if c.format.Codec == "" || c.ended {
		i.release(c)
		return nil, fmt.Errorf("%s: %w", name, errNoInput)
	}
	var in *linein.Input
	in = linein.New(ctx, c.format.Rate, c.format.Bits, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(c.readers, in)
		i.release(c)
	})
	c.readers[in] = true
	return in, nil
}

// ask returns the capture of a player's input, begun if it is not yet.
func (i *inputs) ask(p *sendspin.Player) (*capture, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if c := i.captures[p]; c != nil {
		return c, nil
	}
	if err := p.StartInput(); err != nil {
		return nil, err
	}
	c := &capture{player: p, begun: make(chan struct{}), readers: map[*linein.Input]bool{}}
	i.captures[p] = c
	return c, nil
}

// release lets a device be silent that nobody listens to any more. It wants mu held.
func (i *inputs) release(c *capture) {
	if len(c.readers) > 0 || i.captures[c.player] != c {
		return
	}
	delete(i.captures, c.player)
	if c.stop != nil {
		c.stop()
	}
	_ = c.player.StopInput() // it has gone, or been told otherwise already
}

// started is told that a device sends its input, or that it goes on in another
// format.
func (i *inputs) started(ctx context.Context, workers *sync.WaitGroup, p *sendspin.Player, f wire.PlayerStream) {
	i.mu.Lock()
	defer i.mu.Unlock()
	c := i.captures[p]
	if c == nil {
		return
	}
	dec, err := player.NewChunks(client.Stream{PlayerStream: f})
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
	if err != nil || c.format.Rate != 0 && c.format.Rate != f.Rate {
		i.log.Info("an input is not taken", "player", p.ID(), "codec", f.Codec, "rate", f.Rate, "error", err)
		i.end(c)
		return
	}
	ctx, c.stop = context.WithCancel(ctx)
	if first := c.format.Codec == ""; first {
		defer close(c.begun)
	}
	c.format = f
	workers.Go(func() { i.decode(ctx, c, dec, f.Channels) })
}

// decode hands what a device sends to those who listen, until ctx ends.
func (i *inputs) decode(ctx context.Context, c *capture, dec *player.Chunks, channels int) {
	var stereo []float32
	for {
		var chunk sendspin.InputChunk
		select {
		case chunk = <-c.player.Input():
		case <-ctx.Done():
			return
		}
		pcm, err := dec.Decode(chunk.Data)
		if err != nil {
			i.log.Debug("an input's chunk", "player", c.player.ID(), "error", err)
			continue
		}
		stereo = stereo[:0]
		for k := 0; k+channels <= len(pcm); k += channels {
			stereo = append(stereo, pcm[k], pcm[k+min(1, channels-1)]) // of more channels the front ones
		}
		i.mu.Lock()
		for in := range c.readers {
			in.Write(stereo)
		}
		i.mu.Unlock()
	}
}

// stopped is told that a device sends no more, or has gone.
func (i *inputs) stopped(p *sendspin.Player) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if c := i.captures[p]; c != nil {
		i.end(c)
	}
}

// end wants mu held.
func (i *inputs) end(c *capture) {
	if c.stop != nil {
		c.stop()
	}
	for in := range c.readers {
		in.End()
	}
	if !c.ended && c.format.Codec == "" {
		close(c.begun)
	}
	c.ended = true
	delete(i.captures, c.player)
	_ = c.player.StopInput()
}
