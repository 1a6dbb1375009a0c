package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
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
	"github.com/jumpgate-audio/jumpgate/gateway/rtc"
	"github.com/jumpgate-audio/jumpgate/gateway/scrobble"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// Config is what a gateway is told.
type Config struct {
	Data      string        // the folder that holds everything
	Listen    string        // HOST:PORT
	Music     []string      // folders
	Look      time.Duration // how often they are looked through; 0: every 15 s, negative: only when asked
	Demo      bool          // compose a demo library into the data folder, and serve that
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
	broadcasts  *broadcasts
	tabs        *tabs
	rtc         *rtc.Server
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
	if err := checkPlayer(cfg.Player); err != nil {
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

// checkPlayer refuses what is no built-in player.
func checkPlayer(name string) error {
	if name == "off" {
		return nil
	}
	if err := checkOutput(name); err != nil {
		return fmt.Errorf("the built-in player (off is none): %w", err)
	}
	return nil
}

// demoFolder is where the demo library is, in the data folder.
func (g *Gateway) demoFolder() string { return filepath.Join(g.cfg.Data, "demo-music") }

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
