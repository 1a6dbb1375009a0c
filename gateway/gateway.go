package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/gateway/api"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/library/measure"
	"github.com/jumpgate-audio/jumpgate/gateway/listen"
	"github.com/jumpgate-audio/jumpgate/gateway/member"
	"github.com/jumpgate-audio/jumpgate/gateway/rtc"
	"github.com/jumpgate-audio/jumpgate/gateway/scrobble"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/web"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Config is what a gateway is told.
type Config struct {
	Data      string   // the folder that holds everything
	Listen    string   // HOST:PORT
	Music     []string // folders
	Demo      bool     // compose a demo library into the data folder, and serve that
	Name      string
	Advertise string   // our address as devices see it, where that can't be found out
	Hosts     []string // further names that we answer to
	TLSCert   string
	TLSKey    string
	Autoplay  bool   // a new gateway plays as soon as there is music
	Player    string // "auto", "meter", "off" or the name of a WAV file
	Discovery bool
	FFmpeg    string // empty: found in PATH
	Token     string // a token that scripts may use, from the environment
	Version   string
	Log       *slog.Logger
	// Say tells the person who started the gateway something, a line at a time.
	Say func(format string, args ...any)
}

// Gateway is a running Jumpgate.
type Gateway struct {
	cfg    Config
	log    *slog.Logger
	folder *folder
	clock  audio.Clock

	store       *store.Store
	endStore    func() error
	library     *library.Library
	measurer    *measure.Measurer
	audience    *audience
	recommender *recommender
	scrobble    *scrobble.Service
	zones       *zones
	registry    *devices.Registry
	players     *sendspin.Server
	ownPlayer   noise.Identity // of the built-in player
	ownSilent   atomic.Bool    // it has a level meter only
	house       *house
	inputs      *inputs
	tabs        *tabs
	whep        *rtc.Server
	media       *media
	api         *api.API
	port        *listen.Port
	control     net.Listener
	pusher      *pusher
	ca          http.Handler // serves the local CA's certificate; nil with one's own
	setupCode   string
}

// New opens the data folder and puts the gateway together. Close it unless Run
// was called.
func New(ctx context.Context, cfg Config) (_ *Gateway, err error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	g := &Gateway{cfg: cfg, log: cfg.Log, clock: audio.NewClock()}
	if err := checkMusic(cfg); err != nil {
		return nil, err
	}
	if g.folder, err = lockFolder(cfg.Data); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.close())
		}
	}()
	if err := g.bind(); err != nil {
		return nil, err
	}
	if g.store, err = store.Open(ctx, store.Config{Dir: cfg.Data, Log: cfg.Log}); err != nil {
		return nil, err
	}
	// The store's writer outlives everything that writes: it ends in close.
	writing, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- g.store.Run(writing) }()
	g.endStore = func() error {
		stop()
		return errors.Join(<-ended, g.store.Close())
	}
	if err := g.store.StopPlays(ctx); err != nil {
		g.log.Warn("what played when the program last ended is not counted", "error", err)
	}
	if err := g.build(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

// checkMusic refuses folders that are not there: a typing error should not look
// like an empty library.
func checkMusic(cfg Config) error {
	if cfg.Demo {
		return nil
	}
	if len(cfg.Music) == 0 {
		return errors.New("no music folder: name one with --music DIR, or try `jumpgate demo`")
	}
	for _, dir := range cfg.Music {
		info, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("the music folder %s is not there: check its spelling, or mount it first", dir)
		}
		if err != nil {
			return fmt.Errorf("the music folder cannot be read: %w", err)
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is a file, not a folder: name the folder that it is in", dir)
		}
	}
	return nil
}

// demoFolder is where the demo library is, in the data folder.
func (g *Gateway) demoFolder() string { return filepath.Join(g.cfg.Data, "demo-music") }

func (g *Gateway) build(ctx context.Context) error {
	ffmpeg, err := audio.NewFFmpeg(g.cfg.FFmpeg)
	if errors.Is(err, audio.ErrNeedsFFmpeg) && g.cfg.FFmpeg == "" {
		g.log.Info("no ffmpeg here: AAC, ALAC and Vorbis files are listed, and play once it is installed")
	} else if err != nil {
		return fmt.Errorf("use ffmpeg: %w", err)
	}
	roots := g.cfg.Music
	if g.cfg.Demo {
		if err := os.MkdirAll(g.demoFolder(), 0o755); err != nil { //nolint:gosec // music is no secret
			return fmt.Errorf("make the demo folder: %w", err)
		}
		roots = []string{g.demoFolder()}
	}
	g.library, err = library.New(library.Config{
		Store: g.store, Roots: roots, Data: g.cfg.Data, Prober: library.AudioProber{FFmpeg: ffmpeg}, Log: g.log,
	})
	if err != nil {
		return err
	}
	if err := useToken(ctx, g.store, g.cfg.Token); err != nil {
		return err
	}
	g.audience = newAudience(g.store)
	if err := g.audience.load(ctx); err != nil {
		return err
	}
	g.recommender = newRecommender(g.store, g.audience, g.cfg.Data, g.log)
	g.measurer = measure.New(measure.Config{
		Store: g.store, Open: g.library.Open, FFmpeg: ffmpeg, Left: g.library.SetUnmeasured, Log: g.log,
		Heard: g.recommender.heard,
	})
	g.scrobble = scrobble.New(scrobble.Config{Queue: scrobbleQueue{g.store}, Version: g.cfg.Version, Log: g.log})
	key, err := g.folder.secret("media.key", 32)
	if err != nil {
		return err
	}
	signer := api.NewSigner(key, time.Now)
	origin := &origin{signer: signer, port: uint16(g.port.Address().Port), advertise: g.cfg.Advertise}
	tracks := &tracks{store: g.store, library: g.library, ffmpeg: ffmpeg}
	g.inputs = &inputs{log: g.log, captures: map[*sendspin.Player]*capture{}}
	coders := audio.Encoders{FFmpeg: ffmpeg}
	renditions := sync.OnceValue(func() []member.Rendition { return member.Renditions(coders) })
	g.buildZones(&zoneMusic{tracks, g.inputs}, origin, coders)
	if err := g.buildHouse(ctx, origin, key); err != nil {
		return err
	}
	g.tabs = newTabs(g.house, g.zones, g.clock, signer, renditions)
	if g.port.HTTP3() {
		g.tabs.pushHash = g.port.PushHash
	}
	g.pusher.signer, g.pusher.tabs = signer, g.tabs
	if g.whep, err = rtc.New(rtc.Config{Clock: g.clock, Join: g.joinWHEP, Log: g.log}); err != nil {
		return err
	}
	g.media = &media{
		store: g.store, library: g.library, house: g.house, zones: g.zones, tabs: g.tabs, signer: signer,
		whep: g.whep, tracks: tracks, conversions: make(chan struct{}, maxConversions),
		vods: newTrackStreams(tracks, newDiskCache(filepath.Join(g.cfg.Data, "cache"), cacheQuota, g.log), coders, renditions),
	}
	return g.buildAPI(ctx, key, ffmpeg != nil)
}

func (g *Gateway) buildZones(tracks zone.Tracks, origin *origin, coders audio.Encoders) {
	journal := newJournal(g.store, g.recommender, g.audience, g.scrobble, g.log)
	g.zones = &zones{store: g.store, byID: map[string]*runningZone{}}
	g.zones.open = func(row store.ZoneRow) (*zone.Zone, error) {
		return zone.New(zone.Config{
			ID: row.ID, Name: row.Name, Crossfade: row.Crossfade, Clock: g.clock, Tracks: tracks, Journal: journal,
			Flow: g.recommender, Origin: origin, Log: g.log, NewEncoder: coders.New,
			Explain:  explain,
			Detached: func(device string, reason error) { g.house.released(row.ID, device, reason) },
		})
	}
	g.zones.changed = func(ctx context.Context, s zone.State) {
		g.api.SetZone(ctx, s)
		g.house.zoneChanged(s)
	}
	g.zones.settle = g.listeners().settle
	g.zones.dropped = func(id string) {
		g.api.DropZone(id)
		g.house.zoneDropped(id)
	}
}

func (g *Gateway) buildHouse(ctx context.Context, origin *origin, key []byte) error {
	g.registry = devices.New(devices.Config{Log: g.log})
	id, err := g.identity(ctx)
	if err != nil {
		return err
	}
	secret, err := g.folder.secret("sendspin.key", noise.KeyLen)
	if err != nil {
		return err
	}
	key25519, err := noise.IdentityOf([noise.KeyLen]byte(secret))
	if err != nil {
		return err
	}
	keys, err := openPairings(filepath.Join(g.cfg.Data, "pairings.json"))
	if err != nil {
		return err
	}
	cleartext, err := cleartextTaken(ctx, g.store)
	if err != nil {
		return err
	}
	g.players, err = sendspin.New(sendspin.Config{
		Identity: &key25519, Keys: keys, RefuseCleartext: !cleartext,
		ID: id, Name: g.cfg.Name, Now: func() int64 { return int64(g.clock.Now()) }, Log: g.log,
		Access: func(client string) sendspin.Access { return g.house.access(client) },
	})
	if err != nil {
		return err
	}
	own := ""
	if g.cfg.Player != "off" {
		if g.ownPlayer, err = ownPlayerKey(key); err != nil {
			return err
		}
		own = g.ownPlayer.ID()
	}
	g.house = newHouse(houseConfig{
		Inputs: g.inputs,
		Store:  g.store, Registry: g.registry, Players: g.players, Pairings: keys, Covers: g.library, Rate: g.rate, Tastes: g.audience.tastes, Zones: g.zones, Clock: g.clock, Origin: origin,
		OwnPlayer: own, FormerOwnPlayer: formerOwnPlayer(key), OwnSilent: g.ownSilent.Load, Log: g.log,
		Show: func(d api.Device) { g.api.SetDevice(d) },
		Drop: func(id string) { g.api.DropDevice(id) },
	})
	g.inputs.house = g.house
	return nil
}

// rate keeps a rating that was given at a player, by who listens in its zone.
func (g *Gateway) rate(ctx context.Context, zone, track string, value store.Rating) error {
	if err := g.catalog().SetRating(ctx, g.audience.tastes(zone), track, value); err != nil {
		return err
	}
	g.api.ShowRating(ctx, track)
	return nil
}

// catalog is the library with what hears of changes to it.
func (g *Gateway) catalog() catalog {
	return catalog{Store: g.store, recommender: g.recommender, rated: g.house.rated}
}

func (g *Gateway) listeners() listeners {
	return listeners{store: g.store, audience: g.audience, recommender: g.recommender, zones: g.zones, scrobble: g.scrobble}
}

// identity is who this gateway is on the network, across restarts and moves.
func (g *Gateway) identity(ctx context.Context) (string, error) {
	id, err := g.store.Setting(ctx, "identity")
	if err == nil && id != "" {
		return id, nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	id = strings.ToLower(rand.Text())
	return id, g.store.SetSetting(ctx, "identity", id)
}

func (g *Gateway) buildAPI(ctx context.Context, key []byte, ffmpeg bool) error {
	code, err := g.newSetupCode(ctx)
	if err != nil {
		return err
	}
	g.setupCode = code
	page, _ := web.Bundle()
	g.api, err = api.New(api.Config{
		Name: g.cfg.Name, Version: g.cfg.Version, SetupCode: code, Key: key,
		Features: api.Features{Opus: audio.EncoderAvailable(audio.Opus), FFmpeg: ffmpeg},
		Names:    append([]string{announcedName(g.cfg.Name)}, g.cfg.Hosts...),
		Catalog:  g.catalog(),
		Covers:   g.library, Accounts: accounts{g.store, g.audience}, Zones: g.zones, Devices: g.house,
		Listeners: g.listeners(),
		Charts:    g.recommender, Scanner: g.library, Tabs: g.tabs, Media: g.media,
		Player: g.players.Handler(), CA: g.ca, Page: page, HTTPS: true,
		Wall: func(s zone.State) time.Time { return time.Now().Add(g.clock.Until(s.At)) },
		Log:  g.log,
	})
	return err
}

// newSetupCode returns what claims a gateway that nobody has claimed yet: the
// same until it is used, so that a restart does not make a printed one void.
func (g *Gateway) newSetupCode(ctx context.Context) (string, error) {
	n, err := g.store.Accounts(ctx)
	if err != nil || n > 0 {
		return "", err
	}
	secret, err := g.folder.secret("setup.key", 16)
	if err != nil {
		return "", err
	}
	// Eight digits, in two groups that can be read over a shoulder and typed on
	// a phone; attempts are throttled.
	n64 := uint64(0)
	for _, b := range secret {
		n64 = n64*257 + uint64(b)
	}
	n64 %= 100_000_000
	return fmt.Sprintf("%04d-%04d", n64/10_000, n64%10_000), nil
}

// hostName is what a gateway is called in mDNS: letters, digits and dashes.
func hostName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	host := strings.Trim(b.String(), "-")
	if host == "" {
		host = "jumpgate"
	}
	return host + ".local"
}

// bind opens the port and the control socket, before anything else that takes
// time. Requests are answered once Run runs.
func (g *Gateway) bind() error {
	var err error
	if g.control, err = openControl(g.cfg.Data); err != nil {
		return err
	}
	certificates, err := g.certificates()
	if err != nil {
		return err
	}
	g.pusher = &pusher{} // filled in before Run
	g.port, err = listen.Open(listen.Config{
		Address:      g.cfg.Listen,
		Handler:      http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.api.Handler().ServeHTTP(w, r) }),
		Certificates: certificates,
		Pusher:       g.pusher,
		Log:          g.log,
	})
	return err
}

// certificates are the owner's own, or those of a CA that is made in the data
// folder at first start.
func (g *Gateway) certificates() (listen.Certificates, error) {
	if g.cfg.TLSCert != "" || g.cfg.TLSKey != "" {
		return listen.OpenFiles(g.cfg.TLSCert, g.cfg.TLSKey, time.Now, g.log)
	}
	ca, err := listen.OpenLocalCA(listen.LocalConfig{
		Dir: g.cfg.Data, Names: append([]string{announcedName(g.cfg.Name)}, g.cfg.Hosts...), Log: g.log,
	})
	if err != nil {
		return nil, err
	}
	g.ca = ca.Handler()
	return ca, nil
}

// URL is where a browser on this machine finds the page.
func (g *Gateway) URL() string {
	at := g.port.Address()
	host := "127.0.0.1"
	if !at.IP.IsUnspecified() {
		host = at.IP.String()
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(at.Port))
}

// close frees what New took.
func (g *Gateway) close() error {
	var errs []error
	// Run may have closed both already.
	if g.port != nil {
		_ = g.port.Close()
	}
	if g.control != nil {
		_ = g.control.Close()
	}
	if g.media != nil {
		g.media.vods.closeAll()
	}
	if g.endStore != nil {
		errs = append(errs, g.endStore())
	}
	if g.folder != nil {
		errs = append(errs, g.folder.close())
	}
	return errors.Join(errs...)
}
