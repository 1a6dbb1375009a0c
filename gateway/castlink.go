package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// castLink is the connection to a Chromecast or a Cast group. It is held while
// the device belongs to a zone, so that others are not kept awake.
type castLink struct {
	house  *house
	id     string
	addr   netip.Addr
	sender *cast.Sender
	volume chan func(context.Context) error // the newest order only
	ctx    context.Context                  //nolint:containedctx // the link's life, ended by close
	cancel context.CancelFunc
	ended  sync.WaitGroup

	mu      sync.Mutex
	current *member.Cast // serves the endless stream
	endLast func()       // ends the member before
}

// reachCast opens or closes the link to a Chromecast as its zone asks.
func (h *house) reachCast(s *speaker) {
	at, known := addr(s.device)
	if s.settings.Zone == "" || !known {
		h.unlink(s)
		return
	}
	link, ok := s.link.(*castLink)
	if !ok {
		link = h.linkCast(s)
		s.link = link
	}
	link.addr = at.Addr()
	link.sender.Presence(at)
}

func (h *house) linkCast(s *speaker) *castLink {
	ctx, cancel := context.WithCancel(h.ctx)
	l := &castLink{
		house: h, id: s.device.ID, ctx: ctx, cancel: cancel, endLast: func() {}, volume: make(chan func(context.Context) error, 1),
		sender: cast.NewSender(cast.Config{
			Trust: h.trust(s.device.ID),
			Log:   h.log.With("device", s.device.Name),
		}),
	}
	l.ended.Go(func() { _ = l.sender.Run(ctx) })
	l.ended.Go(func() { l.obey(ctx) })
	return l
}

// member begins a new one each time, in place of the one before.
func (l *castLink) member(_, _ string) (zone.Member, error) {
	m := member.NewCast(member.CastConfig{
		Sender: l.sender,
		Clock:  l.house.cfg.Clock,
		StreamURL: func(run string) (string, error) {
			return l.house.cfg.Origin.mediaURL(l.addr, "cast", l.id, run+".flac")
		},
		Log: l.house.log,
	})
	ctx, cancel := context.WithCancel(l.ctx)
	ended := make(chan struct{})
	l.endLast()
	l.endLast = func() { cancel(); <-ended }
	l.mu.Lock()
	l.current = m
	l.mu.Unlock()
	l.ended.Go(func() {
		defer close(ended)
		_ = m.Run(ctx)
	})
	return zone.Member{Leader: m, Output: m, Addr: l.addr}, nil
}

func (l *castLink) setVolume(percent int) {
	l.order(func(ctx context.Context) error { return l.sender.SetVolume(ctx, float64(percent)/100) })
}

func (l *castLink) setMuted(muted bool) {
	l.order(func(ctx context.Context) error { return l.sender.SetMuted(ctx, muted) })
}

// order hands the newest wish to obey; one that was not carried out yet is
// overtaken.
func (l *castLink) order(f func(context.Context) error) {
	for {
		select {
		case l.volume <- f:
			return
		default:
		}
		select {
		case <-l.volume:
		default:
		}
	}
}

func (l *castLink) obey(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-l.volume:
			if err := f(ctx); err != nil && ctx.Err() == nil {
				l.house.log.Info("a Chromecast did not take its volume", "device", l.id, "error", err)
			}
		}
	}
}

// close ends the connection off the house's goroutine. What the device plays of
// ours is stopped first, as long as it answers.
func (l *castLink) close() {
	l.house.workers.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), 2*time.Second)
		defer cancel()
		if err := l.sender.Stop(ctx); err != nil {
			l.house.log.Debug("stop the device", "device", l.id, "error", err)
		}
		l.cancel()
		l.ended.Wait()
	})
}

// serveRun serves the zone's endless stream to the device; name is "RUN.flac".
func (l *castLink) serveRun(name string, w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	current := l.current
	l.mu.Unlock()
	run, ok := strings.CutSuffix(name, ".flac")
	if current == nil || !ok {
		http.NotFound(w, r)
		return
	}
	current.ServeRun(run, w, r)
}

// trust remembers the certificate that a Chromecast shows, and says when it is
// another than before. Devices make new ones by themselves now and then, so
// a change is told, not refused.
func (h *house) trust(device string) func([32]byte) error {
	key := "cast-certificate:" + device
	return func(fingerprint [32]byte) error {
		shown := hex.EncodeToString(fingerprint[:])
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		before, err := h.cfg.Store.Setting(ctx, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if before == shown {
			return nil
		}
		if before != "" {
			h.log.Warn("a Chromecast shows another certificate than before: it was reset or renewed it, or something else answers at its address", "device", device)
		}
		return h.cfg.Store.SetSetting(ctx, key, shown)
	}
}
