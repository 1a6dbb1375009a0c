package certify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/pair"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
)

const memory = "memory of a pairing"

// refuses tells whether the player is one that plays for paired servers alone.
func (s *server) refuses() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.player != nil && s.player.Security().Dialect == wire.Current && !s.player.Hello().Unpaired.Enabled
}

// pairs tells whether there is something to pair with.
func (c *Config) pairs() bool { return c.Token != "" || c.Code != nil }

// pair pairs with a player of the encrypted dialect, where there is a token or
// somebody to ask for a code. It returns whether the player is paired.
func (b *bench) pair(ctx context.Context, p *sendspin.Player) bool {
	if p.Security().Dialect != wire.Current || !b.cfg.pairs() {
		return false
	}
	began := time.Now()
	name, err := b.beginPairing(p)
	if err == nil {
		err = b.finishPairing(ctx, p)
	}
	why := ""
	if err != nil {
		why = err.Error()
	}
	b.add(name, why, map[string]float64{"paired_ms": float64(time.Since(began).Milliseconds())})
	return err == nil
}

func (b *bench) beginPairing(p *sendspin.Player) (name string, err error) {
	if b.cfg.Token != "" {
		token, err := pair.ParseToken(b.cfg.Token)
		if err == nil {
			err = p.PairWithToken(token)
		}
		return "pairs by its token", err
	}
	methods := p.Security().Methods
	if d := methods.Dynamic; d != nil {
		format := wire.Digits
		if !slices.Contains(d.Formats, format) {
			format = wire.QRCode
		}
		return "pairs by a code that it shows", p.Pair(wire.PairDynamic, format)
	}
	return "pairs by its static code", p.Pair(wire.PairStatic, "")
}

func (b *bench) finishPairing(ctx context.Context, p *sendspin.Player) error {
	var now sendspin.Pairing
	for round := uint32(0); ; round = now.Round {
		moved := b.one.until(ctx, b.pairWait, func() bool {
			now = b.one.paired
			return now.Stage == sendspin.Paired || now.Stage == sendspin.PairingFailed || (now.Stage == sendspin.CodeWanted && now.Round > round)
		})
		switch {
		case !moved:
			return fmt.Errorf("it did not go on within %v", b.pairWait)
		case now.Stage == sendspin.PairingFailed:
			return fmt.Errorf("it failed: %s", now.Reason)
		case now.Stage == sendspin.Paired:
			if !b.one.until(ctx, b.wait, func() bool { return p.Security().Paired }) {
				return fmt.Errorf("the connection was not keyed anew within %v", b.wait)
			}
			return nil
		}
		if b.cfg.Code == nil {
			return fmt.Errorf("it asks for a code")
		}
		code, err := b.cfg.Code(ctx, now.Round)
		if err != nil {
			return fmt.Errorf("no code: %w", err)
		}
		if err := p.EnterCode(code); err != nil {
			return err
		}
	}
}

// memory: what was paired before the cut is paired behind it, and after the
// player was off.
func (b *bench) memory(ctx context.Context) {
	p, ok := b.one.connected(ctx, b.wait)
	switch {
	case !ok:
		b.add(memory, "it is not connected", nil)
		return
	case p.Security().Dialect != wire.Current:
		b.untried(memory, "the cleartext dialect has no pairing")
		return
	case !b.cfg.pairs():
		b.untried(memory, "it was not paired: give its token, or have its code asked for")
		return
	}
	restarts := 0
	if b.cfg.Restart != nil {
		if err := b.cfg.Restart(ctx); err != nil {
			b.untried(memory, err.Error())
			return
		}
		b.cancelDial() // one that said goodbye is not dialled any more
		b.dial(ctx)
		if !b.one.until(ctx, b.pairWait, func() bool { return b.one.player != nil && b.one.player != p }) {
			b.add(memory, fmt.Sprintf("it was not back within %v", b.pairWait), nil)
			return
		}
		p, _ = b.one.connected(ctx, b.wait)
		restarts++
	}
	why := ""
	if p == nil || !p.Security().Paired {
		why = "it has lost its key"
	}
	b.add(memory, why, map[string]float64{"restarts": float64(restarts)})
}

// forget has the player drop the test's pairing, so that none is left behind.
func (b *bench) forget(ctx context.Context) {
	const name = "drops a pairing"
	if !b.cfg.pairs() {
		return
	}
	p, ok := b.one.connected(ctx, time.Millisecond)
	if !ok { // it went over to the second server
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		_ = b.one.dial(ctx, b.link.address(), b.cfg.Path, wire.Playback)
		if p, ok = b.one.connected(ctx, b.wait); !ok {
			b.add(name, "it is not connected", nil)
			return
		}
	}
	if !p.Security().Paired {
		return // cleartext, or told of already
	}
	why := ""
	if err := p.Unpair(); err != nil {
		why = err.Error()
	} else if !b.one.until(ctx, b.wait, func() bool { return b.one.player != p && b.one.bye == wire.Unpaired }) {
		why = fmt.Sprintf("it did not say unpaired within %v", b.wait)
	}
	b.add(name, why, nil)
}
