package api

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Config is what an API is made of. Everything is required unless it says
// otherwise.
type Config struct {
	Name     string   // of the gateway, as people see it
	Version  string   // of the program
	HTTPS    bool     // the same port answers https
	Features Features // Page is set by New

	// SetupCode claims a gateway without an account. Empty: it cannot be
	// claimed over the network.
	SetupCode string
	// Key signs media URLs: see NewSigner.
	Key []byte
	// Names are host names that the gateway may be called by, beside IP
	// addresses and localhost: "living-room.local", a name of one's own DNS.
	Names []string

	Catalog  Catalog
	Covers   Covers
	Accounts Accounts
	Zones    Zones
	Devices  Devices
	Charts   Charts
	Scanner  Scanner

	Listeners Listeners
	Tabs      Tabs  // optional: no browser can be a member
	Media     Media // optional: no media
	// Broadcasts is optional: there are none.
	Broadcasts Broadcasts
	Player     http.Handler // optional: hardware players' WebSocket, at /sendspin
	CA         http.Handler // optional: the local CA's certificate, at /ca.crt
	Page       fs.FS        // optional: the web app, with index.html at its root

	// Wall tells when on the wall clock a zone's state was true.
	Wall func(zone.State) time.Time
	// Healthy is asked by /healthz; nil: always.
	Healthy func(context.Context) error

	Now     func() time.Time     // nil: time.Now
	Rand    io.Reader            // nil: crypto/rand
	Metrics *prometheus.Registry // nil: one of its own
	Log     *slog.Logger         // nil: silent
}

// API answers people and programs. Handler and the Set methods may be used
// from any goroutine; clients of the WebSocket are served while Run runs.
type API struct {
	cfg      Config
	log      *slog.Logger
	now      func() time.Time
	signer   *Signer
	hasher   *hasher
	throttle *throttle
	cookie   string // the session cookie's name over plain HTTP

	hub        *hub
	sessions   *sessions
	operations map[string]operation
	media      map[string]http.Handler
	page       http.Handler
	metrics    *metrics
	open       gate // of WebSockets

	// shownMu keeps what is shown of zones in order.
	shownMu    sync.Mutex
	shownZones map[string]zone.State
	handler    http.Handler
}

// New makes an API; it starts nothing.
func New(cfg Config) (*API, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Metrics == nil {
		cfg.Metrics = prometheus.NewRegistry()
	}
	cfg.Features.Page = hasIndex(cfg.Page)
	a := &API{
		cfg: cfg, log: cfg.Log, now: cfg.Now,
		signer:   NewSigner(cfg.Key, cfg.Now),
		throttle: newThrottle(cfg.Now, 5, 20*time.Second),
		cookie:   cookieName(cfg.Key),
		sessions: newSessions(cfg.Now), shownZones: make(map[string]zone.State),
	}
	var err error
	if a.hasher, err = newHasher(cfg.Rand); err != nil {
		return nil, err
	}
	if a.hub, err = newHub(cfg.Rand, cfg.Log); err != nil {
		return nil, err
	}
	if cfg.Media != nil {
		a.media = cfg.Media.Handlers()
	}
	a.page = newPage(cfg.Page)
	a.metrics = newMetrics(a)
	a.operations = a.commands()
	a.handler = a.newHandler()
	return a, nil
}

func (c *Config) check() error {
	switch {
	case c.Catalog == nil, c.Covers == nil, c.Accounts == nil, c.Zones == nil, c.Devices == nil, c.Charts == nil, c.Scanner == nil, c.Listeners == nil:
		return errors.New("api: Catalog, Covers, Accounts, Zones, Devices, Charts, Scanner and Listeners are needed")
	case c.Wall == nil:
		return errors.New("api: Wall is needed")
	case len(c.Key) < 32:
		return errors.New("api: Key must have 32 bytes or more")
	}
	return nil
}

// Handler serves everything; it expects whole requests, with their paths from
// the root.
func (a *API) Handler() http.Handler { return a.handler }

// Signer signs media paths with the gateway's key.
func (a *API) Signer() *Signer { return a.signer }

// Run serves the WebSocket's clients until ctx ends, then says goodbye to them
// and waits for them. It returns nil when ctx ended.
func (a *API) Run(ctx context.Context) error {
	a.pushServer(ctx)
	a.PlaylistsChanged()
	a.ListenersChanged(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.hub.run(ctx) })
	group.Go(func() error { return a.sweepSessions(ctx) })
	err := group.Wait()
	a.open.close()
	return err
}

// SetZone shows clients a zone as it is now. It looks the track up, so it may
// take as long as the Catalog; call it, in order, from whatever watches the
// zone.
func (a *API) SetZone(ctx context.Context, s zone.State) {
	a.shownMu.Lock()
	defer a.shownMu.Unlock()
	a.shownZones[s.ID] = s
	a.hub.set("zones/"+s.ID, a.zoneView(ctx, s))
}

// DropZone shows clients that a zone is gone.
func (a *API) DropZone(id string) {
	a.shownMu.Lock()
	defer a.shownMu.Unlock()
	delete(a.shownZones, id)
	a.hub.drop("zones/" + id)
}

// ShowRating shows a rating in the zones that play the track. It takes their
// states as they were shown last: a newer one is on its way by itself.
func (a *API) ShowRating(ctx context.Context, track string) {
	a.shownMu.Lock()
	defer a.shownMu.Unlock()
	for id, s := range a.shownZones {
		if s.Track != nil && s.Track.ID == track {
			a.hub.set("zones/"+id, a.zoneView(ctx, s))
		}
	}
}

// SetDevice shows clients a device as it is now. Like the methods below it
// never blocks; what clients have not been sent yet is replaced.
func (a *API) SetDevice(d Device) { a.hub.set("devices/"+d.ID, d) }

// DropDevice shows clients that a device is not known any more.
func (a *API) DropDevice(id string) { a.hub.drop("devices/" + id) }

// SetScan shows clients how far the scan is.
func (a *API) SetScan(s library.Progress) { a.hub.set("scan", scanView(s)) }

// PlaylistsChanged tells clients that playlists were changed by somebody else
// than the API.
func (a *API) PlaylistsChanged() {
	a.hub.set("playlists", map[string]uint64{"revision": a.cfg.Catalog.PlaylistRevision()})
}

func (a *API) pushServer(ctx context.Context) {
	s, err := a.serverView(ctx)
	if err != nil {
		a.log.Error("look up whether the gateway is claimed", "err", err)
		return
	}
	a.hub.set("server", s)
}
