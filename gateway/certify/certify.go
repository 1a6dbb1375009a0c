package certify

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"
)

// Config says which player, and how.
type Config struct {
	Address string // HOST or HOST:PORT; the port is 8928 if it is left out
	Path    string // of its WebSocket; empty is /sendspin
	// Tone is how long each format is played; 0 is 2 s.
	Tone time.Duration
	// How a player of the encrypted dialect is paired with; without any of these
	// its memory is not tried, and one that plays for paired servers alone fails.
	//
	// Token is what its label or QR code says, and goes before Code, which asks the
	// operator for the code that the player shows, or has printed on it; round is
	// 1, and more after a code that was wrong. An error gives up.
	Token string
	Code  func(ctx context.Context, round uint32) (string, error)
	// Restart has the operator switch the paired player off and on again; nil cuts
	// its connection and no more.
	Restart func(ctx context.Context) error
	Version string       // of this program
	Log     *slog.Logger // nil discards
}

func (c Config) withDefaults() Config {
	if _, _, err := net.SplitHostPort(c.Address); err != nil {
		c.Address = net.JoinHostPort(c.Address, strconv.Itoa(8928))
	}
	if c.Path == "" {
		c.Path = "/sendspin"
	}
	if c.Tone <= 0 {
		c.Tone = 2 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Run plays the sequences, which takes about a minute and can be heard, and
// returns the report. An error means that it could not be made, not that the
// player failed.
func Run(ctx context.Context, cfg Config) (Report, error) { return run(ctx, cfg, (*bench).all) }

func run(ctx context.Context, cfg Config, checks func(*bench, context.Context)) (Report, error) {
	cfg = cfg.withDefaults()
	report := Report{
		Statement: "Tested with Jumpgate " + cfg.Version, Address: cfg.Address, When: time.Now().UTC().Truncate(time.Second), Checks: []Check{},
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines, err := newLink(ctx, cfg.Address)
	if err != nil {
		return report, err
	}
	start := time.Now()
	clock := func() int64 { return time.Since(start).Microseconds() + 1_000_000 }
	b := &bench{cfg: cfg, link: lines, report: &report, wait: 10 * time.Second, pairWait: 3 * time.Minute}
	var wg sync.WaitGroup
	for i, s := range []**server{&b.one, &b.two} {
		if *s, err = newServer(fmt.Sprintf("jumpgate-test-%d", i+1), clock, cfg.Log); err != nil {
			lines.close()
			return report, err
		}
		wg.Go(func() { _ = (*s).Run(ctx) })
		wg.Go((*s).watch)
	}
	checks(b, ctx)
	err = ctx.Err()
	cancel()
	lines.close()
	wg.Wait()
	return report, err
}

func (b *bench) all(ctx context.Context) {
	if !b.handshake(ctx) {
		b.cancelDial()
		return
	}
	defer func() { b.cancelDial() }() // the one of that time
	for _, check := range []func(context.Context){b.everyFormat, b.volume, b.badNetwork, b.cut} {
		if ctx.Err() == nil {
			check(ctx)
		}
	}
	b.memory(ctx)
	b.servers(ctx)
	b.forget(ctx)
}
