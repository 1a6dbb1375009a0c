package player

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
)

// Clock is the player's own monotonic clock; audio.Clock is one.
type Clock interface{ Now() audio.Time }

// Config is what a Player needs.
type Config struct {
	ID   string // client_id in the cleartext dialect, the same across restarts
	Name string
	// Identity is the player's key; with it the player speaks the current dialect,
	// and the cleartext one where a server knows no other. It plays for servers
	// that are not paired.
	Identity *noise.Identity
	Pairing  client.PairingConfig
	Version  string // of the software
	// Server is the WebSocket to connect to ("ws://host:8927/sendspin"). Empty:
	// the player waits for servers at Handler.
	Server string
	Clock  Clock
	// Output is where the sound goes. When it fails the player goes on with the
	// level meter and says so.
	Output Output
	// Codecs in the order of preference; nil is FLAC, PCM, Opus.
	Codecs []audio.Codec
	Volume int // at the start, 0-100
	// BufferCapacity in bytes of coded audio; 0 is 1 MiB.
	BufferCapacity int
	// LastServer and Remember keep which server played last: see client.Config.
	LastServer string
	Remember   func(serverID string)
	// NetDial opens the connections to Server; nil takes the system's network.
	NetDial func(ctx context.Context, network, addr string) (net.Conn, error)
	// OnLevel, OnSound and OnProblem are called from the player's goroutine and
	// must not block; each may be nil.
	OnLevel   func(Level)
	OnSound   func(Sound)
	OnProblem func(error)
	Log       *slog.Logger // nil discards
}

// Stats are the figures of a Player since it began.
type Stats struct {
	Output    string // its name
	Connected bool
	Server    string // name
	Playing   bool
	Volume    int
	Muted     bool

	Chunks    uint64 // decoded
	Broken    uint64 // chunks that could not be decoded
	Late      uint64 // chunks that came after their time
	Dropped   uint64 // chunks beyond the buffer that we announced
	Skipped   uint64 // frames left out because their time had passed
	Inserted  uint64 // single frames put in against drift
	Removed   uint64 // single frames taken out against drift
	Underruns uint64 // times that sound broke off within a stream
	Resyncs   uint64 // times that what plays had to jump to its time
	Restarts  uint64 // of the output, by clears

	// ToOutput is how long before being heard a sample is written, now.
	ToOutput time.Duration
	// ClockError is the clock filter's own standard error.
	ClockError time.Duration
	DriftPPM   float64 // the server's clock against ours
}

// Player is a software player.
type Player struct {
	cfg    Config
	log    *slog.Logger
	client *client.Client

	mu    sync.Mutex
	stats Stats
}

// New returns a player; nothing happens before Run.
func New(cfg Config) (*Player, error) {
	if cfg.Output == nil {
		return nil, errors.New("player: Config.Output is nil")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Codecs == nil {
		cfg.Codecs = []audio.Codec{audio.FLAC, audio.PCM, audio.Opus}
	}
	if cfg.BufferCapacity <= 0 {
		cfg.BufferCapacity = 1 << 20
	}
	c, err := client.New(client.Config{
		ID: cfg.ID, Name: cfg.Name, Identity: cfg.Identity, Cleartext: true, Unpaired: true, Pairing: cfg.Pairing,
		Device:  wire.DeviceInfo{Product: "Jumpgate player", Manufacturer: "Jumpgate", Version: cfg.Version},
		Formats: formats(cfg.Codecs), Text: true,
		BufferCapacity: cfg.BufferCapacity,
		Now:            func() int64 { return int64(cfg.Clock.Now()) },
		Volume:         cfg.Volume,
		RequiredLead:   cfg.Output.Target() + 30*time.Millisecond,
		LastServer:     cfg.LastServer, Remember: cfg.Remember,
		NetDial: cfg.NetDial, Log: cfg.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("make the player's client: %w", err)
	}
	return &Player{cfg: cfg, log: cfg.Log, client: c}, nil
}

// formats are those that we decode, at each codec's usual rates.
func formats(codecs []audio.Codec) []wire.Format {
	var fs []wire.Format
	for _, c := range codecs {
		if c == audio.Opus {
			fs = append(fs, wire.Format{Codec: string(c), Channels: 2, Rate: 48000, Bits: 16})
			continue
		}
		for _, rate := range []int{44100, 48000, 88200, 96000, 176400, 192000} {
			for _, bits := range []int{16, 24} {
				fs = append(fs, wire.Format{Codec: string(c), Channels: 2, Rate: rate, Bits: bits})
			}
		}
	}
	return fs
}

// Client is the player's protocol side: volume, metadata, commands.
func (p *Player) Client() *client.Client { return p.client }

// Handler takes servers that connect to us, until ctx ends.
func (p *Player) Handler(ctx context.Context) http.Handler { return p.client.Handler(ctx) }

// Run plays until ctx ends.
func (p *Player) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	if p.cfg.Server != "" {
		g.Go(func() error { return p.client.Run(ctx, p.cfg.Server) })
	}
	g.Go(func() error {
		e := newEngine(p)
		defer e.stop()
		return e.run(ctx)
	})
	return g.Wait()
}

// Stats returns the figures as of a moment ago.
func (p *Player) Stats() Stats {
	st := p.client.Status()
	sigma, ppm := p.client.Sync()
	p.mu.Lock()
	s := p.stats
	p.mu.Unlock()
	s.Connected, s.Server, s.Volume, s.Muted = st.Connected, st.Server.Name, st.Volume, st.Muted
	s.Dropped = p.client.Dropped()
	s.ClockError, s.DriftPPM = time.Duration(sigma*float64(time.Microsecond)), ppm
	return s
}

func (p *Player) problem(err error) {
	p.log.Warn("player", "problem", err)
	if p.cfg.OnProblem != nil {
		p.cfg.OnProblem(err)
	}
}
