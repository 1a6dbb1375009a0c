package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// house knows which device is in which zone, how loud each may be, and holds
// the live link to each. One goroutine, Run's, owns all of it; the exported
// methods ask that goroutine.
type house struct {
	cfg      houseConfig
	log      *slog.Logger
	requests chan func()
	notices  *mailbox
	ended    chan struct{}
	workers  sync.WaitGroup

	// What follows belongs to Run's goroutine.
	ctx      context.Context //nolint:containedctx // Run's own, for what it starts
	speakers map[string]*speaker
	fetches  *fetches
	lights   map[string]*lights // by zone, while somebody shows its sound
}

type houseConfig struct {
	Store    *store.Store
	Registry *devices.Registry
	Players  *sendspin.Server
	Pairings *pairings
	Covers   api.Covers
	// Rate keeps what the listeners of a zone think of a track, and shows it.
	Rate func(ctx context.Context, zone, track string, value store.Rating) error
	// Tastes are whose ratings a zone shows.
	Tastes func(zone string) []string
	Zones  *zones
	Inputs *inputs
	Clock  audio.Clock
	Origin *origin
	// OwnPlayer is the id of the built-in player, empty if there is none. It
	// joins the first zone by itself.
	OwnPlayer string
	// FormerOwnPlayer is the id that it had before it had a key.
	FormerOwnPlayer string
	// OwnSilent tells whether the built-in player has only a level meter. Any
	// goroutine may call it; nil is never.
	OwnSilent func() bool
	Show      func(api.Device)
	Drop      func(id string)
	Log       *slog.Logger
}

// speaker is one device as the house knows it.
type speaker struct {
	device   devices.Device
	settings store.Device
	cast     castSettings // of a Chromecast
	// certificate is what a Chromecast's certificate is to its owner.
	certificate string
	link        link   // nil while there is no connection
	attached    string // the zone that the link's member is in now
	before      string // the zone that another source took it out of
	volume      int    // as the device says, 0 to 100; -1 if not known
	muted       bool
	dialled     *dial        // to a player; nil while it is not dialled
	asked       bool         // a person has just put it into a zone
	bye         wire.Goodbye // why a player's last connection ended, as it said
	// pairing is where a pairing with a player stands; nil: none is under way.
	pairing *sendspin.Pairing

	// What is wrong, said to people; zero if nothing is.
	lost      phrase.Phrase // there is no connection
	unfetched phrase.Phrase // it was told to fetch and did not
	problem   phrase.Phrase // in its zone
}

// trouble is the sentence that matters most.
func (s *speaker) trouble() phrase.Phrase {
	var unfit phrase.Phrase
	if link, ok := s.link.(*playerLink); ok {
		unfit = link.unfit()
	}
	for _, p := range []phrase.Phrase{s.lost, unfit, s.unfetched} {
		if !p.IsZero() {
			return p
		}
	}
	return s.problem
}

// link is a live connection to one device. Its methods do not block.
type link interface {
	// member makes the device a member of a zone.
	member(zoneID, zoneName string) (zone.Member, error)
	setVolume(percent int)
	setMuted(muted bool)
	// close lets go of the device; it does not stop what somebody else plays.
	close()
}

// lastingLink is a link that outlives its connections, and stays when the device
// is in no zone.
type lastingLink interface {
	link
	// ready tells whether there is a connection now.
	ready() bool
	// leave has the device be silent after it left its zone.
	leave()
}

func newHouse(cfg houseConfig) *house {
	return &house{
		cfg: cfg, log: cfg.Log, requests: make(chan func()), notices: newMailbox(), ended: make(chan struct{}),
		speakers: map[string]*speaker{}, fetches: newFetches(), lights: map[string]*lights{},
	}
}

// Run keeps the house until ctx ends, then lets go of every device.
func (h *house) Run(ctx context.Context) error {
	defer close(h.ended)
	ctx, cancel := context.WithCancel(ctx)
	defer h.workers.Wait()
	defer cancel()
	h.ctx = ctx
	if err := h.recall(ctx); err != nil {
		return err
	}
	found := h.cfg.Registry.Watch(ctx)
	connected := h.cfg.Players.Events()
	for {
		select {
		case <-ctx.Done():
			h.unlinkAll()
			return nil
		case do := <-h.requests:
			do()
		case <-h.notices.wake:
			for _, do := range h.notices.take() {
				do()
			}
		case event, ok := <-found:
			if !ok {
				found = nil
				continue
			}
			h.sighted(event)
		case event, ok := <-connected:
			if !ok {
				connected = nil
				continue
			}
			h.heard(event)
		}
	}
}

// do runs f on the house's goroutine and waits for it.
func (h *house) do(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	select {
	case h.requests <- func() { done <- f() }:
		return <-done
	case <-h.ended:
		return zone.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tell has f run on the house's goroutine, from where nobody may wait.
func (h *house) tell(f func()) { h.notices.put(f) }

// sighted takes what the registry says about a device.
func (h *house) sighted(event devices.Event) {
	id := event.Device.ID
	if event.Gone {
		if s := h.speakers[id]; s != nil {
			h.unlink(s)
			if to := h.speakers[event.Became]; to != nil {
				s.handOver(to)
			}
			s.hangUp()
			delete(h.speakers, id)
			if event.Became != "" {
				h.carryOver(s.settings, event.Became)
			}
		}
		h.cfg.Drop(id)
		return
	}
	s := h.speaker(event.Device)
	if s == nil {
		return
	}
	if event.Device.Present && !s.device.Present {
		s.bye = "" // it was away, and is there again
	}
	s.device = event.Device
	h.reach(s)
	h.show(s)
}

// speaker returns what is known of a device, from the store when it is seen for
// the first time since the start.
func (h *house) speaker(d devices.Device) *speaker {
	if s := h.speakers[d.ID]; s != nil {
		return s
	}
	row, err := h.settings(d)
	if err != nil {
		h.log.Error("a device's settings cannot be read", "device", d.ID, "error", err)
		return nil
	}
	s := &speaker{device: d, settings: row, volume: -1}
	if isCast(d.Kind) {
		s.cast = h.recallCast(row.ID)
		s.certificate = h.recallCertificate(d.ID)
	}
	h.speakers[d.ID] = s
	return s
}

// reach brings the connection to a device in line with where it is and whether
// it is wanted.
func (h *house) reach(s *speaker) {
	switch s.device.Kind {
	case devices.Player:
		h.dial(s)
	case devices.Cast, devices.CastGroup:
		h.reachCast(s)
	case devices.Browser, devices.AirPlay, devices.DLNA:
	}
	h.settle(s)
}

// settle puts the device's member into the zone that it belongs to.
func (h *house) settle(s *speaker) {
	want := s.settings.Zone
	lasting, _ := s.link.(lastingLink)
	// One that is out of reach for a moment keeps its place.
	if s.link == nil || lasting != nil && !lasting.ready() && s.attached != want {
		want = ""
	}
	if link, ok := s.link.(*playerLink); ok && link.waits() {
		want = ""
	}
	if s.attached == want {
		return
	}
	h.detach(s)
	if want == "" {
		if lasting != nil {
			lasting.leave()
		}
		return
	}
	z, ok := h.cfg.Zones.get(want)
	if !ok {
		return // deleted; the device stays out until somebody moves it
	}
	if err := h.attach(s, z); err != nil {
		s.problem = phrase.New(phrase.NotJoined, explain(err))
		h.log.Warn("a device could not join its zone", "device", s.device.Name, "error", err)
	}
}

func (h *house) attach(s *speaker, z *runningZone) error {
	ctx, cancel := context.WithTimeout(h.ctx, 10*time.Second)
	defer cancel()
	state, err := z.State(ctx)
	if err != nil {
		return err
	}
	if link, ok := s.link.(*playerLink); ok && link.screenOnly() {
		s.attached, s.problem = z.id, phrase.Phrase{}
		h.paint(link, state, true)
		h.illuminate(z.id)
		return nil
	}
	m, err := s.link.member(z.id, state.Name)
	if err != nil {
		return err
	}
	m.ID, m.Name = s.device.ID, h.name(s)
	// Nobody is startled: a device is never louder than it was left, nor than
	// its ceiling.
	own := s.volume
	if link, ok := s.link.(*playerLink); ok && own < 0 {
		own = link.player.State().Volume // of which the event is on its way
	}
	if quiet := min(s.settings.Volume, s.settings.Ceiling); own < 0 || own > quiet {
		s.link.setVolume(quiet)
	}
	if err := z.Attach(ctx, m); err != nil {
		return err
	}
	defer h.showVolume(z.id)
	s.attached, s.problem = z.id, phrase.Phrase{}
	if link, ok := s.link.(*playerLink); ok {
		h.paint(link, state, true)
		h.illuminate(z.id)
	}
	return nil
}

func (h *house) detach(s *speaker) {
	if s.attached == "" {
		return
	}
	if z, ok := h.cfg.Zones.get(s.attached); ok {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(h.ctx), 5*time.Second)
		defer cancel()
		if err := z.Detach(ctx, s.device.ID); err != nil && !errors.Is(err, zone.ErrClosed) {
			h.log.Debug("detach", "device", s.device.ID, "error", err)
		}
	}
	left := s.attached
	s.attached = ""
	h.showVolume(left)
	h.illuminate(left)
}

func (h *house) unlink(s *speaker) {
	h.detach(s)
	if s.link != nil {
		s.link.close()
		s.link = nil
	}
	s.lost, s.unfetched = phrase.Phrase{}, phrase.Phrase{}
}

func (h *house) unlinkAll() {
	for _, s := range h.speakers {
		h.unlink(s)
	}
}

// reported takes a device's own word on its volume. A device that was turned up
// over its ceiling by other means is turned down to it.
func (h *house) reported(s *speaker, volume int, muted bool) {
	if volume >= 0 && s.attached != "" {
		if volume > s.settings.Ceiling {
			s.link.setVolume(s.settings.Ceiling)
		} else if volume != s.settings.Volume && s.volume >= 0 && volume != s.volume {
			s.settings.Volume = volume
			h.save(s)
		}
	}
	s.volume, s.muted = volume, muted
	h.show(s)
	if s.attached != "" {
		h.showVolume(s.attached)
	}
}

func (h *house) name(s *speaker) string {
	if s.settings.Name != "" {
		return s.settings.Name
	}
	return s.device.Name
}

// addr is where a device can be fetched from, or dialled.
func addr(d devices.Device) (netip.AddrPort, bool) {
	if len(d.Addrs) == 0 {
		return netip.AddrPort{}, false
	}
	return d.Addrs[0], true
}
