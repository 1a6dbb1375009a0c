package gateway

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// castLink is the connection to a Chromecast or a Cast group. It is held while
// the device belongs to a zone, so that others are not kept awake; of a device
// that only a person's word speaks for also otherwise, to know whether it is
// there.
type castLink struct {
	house   *house
	id      string
	sender  *cast.Sender
	orders  chan func(context.Context) error // the newest few
	reports chan cast.Status                 // for the member, the newest only
	loads   chan string                      // URLs that the device should fetch, the newest only
	limit   atomic.Int32                     // how loud it may be when it connects, in percent
	zoned   atomic.Bool                      // it belongs to a zone, so that its volume is ours to limit
	formats atomic.Pointer[member.CastFormats]
	where   atomic.Pointer[netip.Addr] // addr, for other goroutines
	ctx     context.Context            //nolint:containedctx // the link's life, ended by close
	cancel  context.CancelFunc
	ended   sync.WaitGroup

	// These belong to the house's goroutine.
	addr      netip.AddrPort
	connected bool
	asked     bool // a person put it into its zone: what plays there may be replaced
	way       zone.Way
	group     bool
	endMember func()

	mu      sync.Mutex
	current *member.Cast // serves the endless stream; nil while there is none
}

// reachCast opens or closes the link to a Chromecast as its zone asks.
func (h *house) reachCast(s *speaker) {
	at, known := addr(s.device)
	wanted := s.settings.Zone != "" || s.cast.Hold || s.device.Added != "" && s.device.Origin != devices.Found
	if !wanted || !known {
		h.unlink(s)
		return
	}
	link, ok := s.link.(*castLink)
	if !ok {
		link = h.linkCast(s)
		s.link = link
	}
	link.zoned.Store(s.settings.Zone != "")
	link.way = s.cast.Mode
	link.formats.Store(h.castFormats(s)) // its model may be known by now
	if link.addr != at {
		link.move(at)
	}
}

func (h *house) linkCast(s *speaker) *castLink {
	ctx, cancel := context.WithCancel(h.ctx)
	l := &castLink{
		house: h, id: s.device.ID, ctx: ctx, cancel: cancel, endMember: func() {},
		orders: make(chan func(context.Context) error, 4), reports: make(chan cast.Status, 1), loads: make(chan string, 1),
	}
	l.sender = cast.NewSender(cast.Config{
		Group:   s.device.Kind == devices.CastGroup,
		Trust:   h.trust(s.device.ID),
		Rewrite: l.rewrite,
		Log:     h.log.With("device", s.device.Name),
	})
	l.group = s.device.Kind == devices.CastGroup
	l.limit.Store(int32(min(s.settings.Volume, s.settings.Ceiling))) //nolint:gosec // percent
	l.formats.Store(h.castFormats(s))
	l.ended.Go(func() { _ = l.sender.Run(ctx) })
	l.ended.Go(func() { l.follow(ctx) })
	l.ended.Go(func() { l.obey(ctx) })
	l.ended.Go(func() { l.watchFetches(ctx) })
	l.ended.Go(func() { l.watchAddress(ctx) })
	return l
}

// move takes it that the device is at another address.
func (l *castLink) move(to netip.AddrPort) {
	at := to.Addr()
	l.addr = to
	l.where.Store(&at)
	l.sender.Presence(to)
}

// addressEvery is how often it is looked whether our address is still the one in
// the URLs that a device holds.
const addressEvery = 5 * time.Second

// watchAddress has what plays loaded again when the device sees us at another
// address: what it holds cannot be fetched any more.
func (l *castLink) watchAddress(ctx context.Context) {
	tick := time.NewTicker(addressEvery)
	defer tick.Stop()
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		host, err := l.house.cfg.Origin.host(l.at())
		if err != nil || host == last {
			continue // without a network there is nowhere to go on
		}
		if last != "" {
			l.house.log.Info("our address has changed: a Chromecast is told", "device", l.id, "from", last, "to", host)
			l.mu.Lock()
			current := l.current
			l.mu.Unlock()
			if current != nil {
				current.Reload()
			}
		}
		last = host
	}
}

// at is the device's address. It may be called from any goroutine.
func (l *castLink) at() netip.Addr { return *l.where.Load() }

// follow passes the device's reports on to the house and to the member.
func (l *castLink) follow(ctx context.Context) {
	connected := false
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-l.sender.Statuses():
			if s.Connected && !connected {
				l.welcome(ctx, s)
			}
			connected = s.Connected
			newest(l.reports, s)
			l.house.tell(func() { l.house.castSaid(l, s) })
		}
	}
}

// welcome makes a device that has just connected quiet enough, before its zone
// can play on it, and stops what it plays of ours for a zone that has let it go.
// One that is in no zone, or plays for somebody else, keeps its volume.
func (l *castLink) welcome(ctx context.Context, s cast.Status) {
	if limit := int(l.limit.Load()); l.zoned.Load() && !s.Foreign && percent(s.Volume) > limit {
		l.note("set the volume", l.sender.SetVolume(ctx, float64(limit)/100))
	}
	l.mu.Lock()
	idle := l.current == nil
	l.mu.Unlock()
	if idle {
		l.note("stop", l.sender.Stop(ctx))
	}
}

func (l *castLink) note(what string, err error) {
	if err != nil && l.ctx.Err() == nil {
		l.house.log.Info("a Chromecast did not do what it was told", "device", l.id, "order", what, "error", err)
	}
}

// castSaid takes a device's report, on the house's goroutine.
func (h *house) castSaid(l *castLink, status cast.Status) {
	s := h.speakers[l.id]
	if s == nil || s.link != l {
		return
	}
	began := status.Connected && !l.connected
	if status.Connected != l.connected {
		l.connected = status.Connected
		h.observeCast(s, l)
	}
	if !status.Connected {
		s.lost = notAnswering(l.addr, status.Err)
		if errors.Is(status.Err, cast.ErrCertificate) {
			s.lost = phrase.New(phrase.CertificateRefused)
		}
		h.show(s)
		return
	}
	s.lost = phrase.Phrase{}
	if began {
		s.volume, s.muted = percent(status.Volume), status.Muted
		if status.Foreign && !l.asked && s.settings.Zone != "" {
			// It was taken while we were away: that is not fought.
			h.leaveZone(s, takenProblem(status.AppName))
		}
		h.settle(s)
	}
	h.reported(s, percent(status.Volume), status.Muted)
}

// observeCast tells the registry whether the device answers.
func (h *house) observeCast(s *speaker, l *castLink) {
	d := devices.Device{ID: s.device.ID, Kind: s.device.Kind, Addrs: []netip.AddrPort{l.addr}, Present: l.connected, LastSeen: time.Now()}
	if err := h.cfg.Registry.Observe(h.ctx, d); err != nil && h.ctx.Err() == nil {
		h.log.Debug("the registry did not take a Chromecast", "device", s.device.ID, "error", err)
	}
}

func takenProblem(app string) phrase.Phrase {
	if app == "" {
		return phrase.New(phrase.DeviceTaken)
	}
	return phrase.New(phrase.DeviceTakenBy, app)
}

// notAnswering is what people are told of a device that cannot be connected.
func notAnswering(at netip.AddrPort, err error) phrase.Phrase {
	why := phrase.New(phrase.ConnectionEnded)
	switch {
	case errors.Is(err, cast.ErrSilent), errors.Is(err, context.DeadlineExceeded):
		why = phrase.New(phrase.Mute)
	case err != nil:
		why = explain(err)
		why.Text = why.Text[strings.LastIndex(why.Text, ": ")+1:]
		why.Text = strings.TrimSpace(why.Text)
	}
	return phrase.New(phrase.NotAnswering, at, why)
}

func percent(level float64) int { return int(math.Round(level * 100)) }

func (l *castLink) ready() bool { return l.connected }

// member begins a new one each time, in place of the one before.
func (l *castLink) member(_, _ string) (zone.Member, error) {
	s := l.house.speakers[l.id]
	m := member.NewCast(member.CastConfig{
		Sender:     l.sender,
		Statuses:   l.reports,
		Clock:      l.house.cfg.Clock,
		StartDelay: time.Duration(s.cast.StartMs) * time.Millisecond,
		Started:    func(d time.Duration) { l.house.tell(func() { l.house.castStarts(l, d) }) },
		Delay:      s.settings.Delay,
		StreamURL: func(run string) (string, error) {
			url, err := l.house.cfg.Origin.mediaURL(l.at(), "cast", l.id, run+".flac")
			return l.own(url), err
		},
		Item:    l.item,
		Refused: l.refused,
		Loaded:  func(url string) { newest(l.loads, url) },
		Log:     l.house.log,
	})
	l.endMember()
	ctx, cancel := context.WithCancel(l.ctx)
	ended := make(chan struct{})
	l.endMember = func() { cancel(); <-ended }
	l.serve(m)
	l.ended.Go(func() {
		defer close(ended)
		_ = m.Run(ctx)
		l.retire(m)
	})
	return zone.Member{Leader: m, Output: m, Addr: l.at(), Way: l.way}, nil
}

func (l *castLink) serve(m *member.Cast) {
	l.mu.Lock()
	l.current = m
	l.mu.Unlock()
}

func (l *castLink) retire(m *member.Cast) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == m {
		l.current = nil
	}
}

// leave ends the member; what the device plays of ours is stopped.
func (l *castLink) leave() {
	l.endMember()
	l.endMember = func() {}
	l.order(func(ctx context.Context) error { return l.sender.Stop(ctx) })
}

func (l *castLink) setVolume(percent int) {
	l.limit.Store(int32(percent)) //nolint:gosec // 0 to 100
	set := l.sender.SetVolume
	if l.group {
		set = l.setGroupVolume
	}
	l.order(func(ctx context.Context) error { return set(ctx, float64(percent)/100) })
}

func (l *castLink) setMuted(muted bool) {
	l.order(func(ctx context.Context) error { return l.sender.SetMuted(ctx, muted) })
}

// order hands a wish to obey; where the device is slow the oldest is dropped.
func (l *castLink) order(f func(context.Context) error) { newest(l.orders, f) }

func (l *castLink) obey(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-l.orders:
			l.note("an order", f(ctx))
		}
	}
}

// newest puts v into a buffered channel, in place of the oldest where it is full.
func newest[T any](ch chan T, v T) {
	for {
		select {
		case ch <- v:
			return
		default:
		}
		select {
		case <-ch:
		default:
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
