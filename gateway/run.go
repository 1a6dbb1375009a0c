package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/opus"
	"github.com/jumpgate-audio/jumpgate/gateway/demo"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Run serves until ctx ends, then ends everything in order: nothing new is
// taken in, zones keep where they are, and the store closes last. It returns nil
// when ctx ended.
func (g *Gateway) Run(ctx context.Context) error {
	err := g.serve(ctx)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, g.close())
}

// serve runs every part. When ctx ends, what takes things in and plays ends
// first, and then what it leans on: a zone saves where it is before its members
// go.
func (g *Gateway) serve(ctx context.Context) error {
	// Also where ctx has ended already: what New opened is closed by the parts
	// that run below.
	if err := g.zones.restore(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	beneath, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	base, beneath := errgroup.WithContext(beneath)
	base.Go(func() error { return g.library.Run(beneath) })
	base.Go(func() error { return g.measurer.Run(beneath) })
	base.Go(func() error { return g.recommender.Run(beneath) })
	base.Go(func() error { return g.scrobble.Run(beneath) })
	base.Go(func() error { return g.registry.Run(beneath) })
	base.Go(func() error { return g.players.Run(beneath) })
	base.Go(func() error { return g.house.Run(beneath) })
	base.Go(func() error { return g.tabs.Run(beneath) })
	base.Go(func() error { return g.rtc.Run(beneath) })
	base.Go(func() error { return g.api.Run(beneath) })

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	// A part beneath that fails ends those above.
	defer context.AfterFunc(beneath, cancel)()
	group.Go(func() error { return g.zones.Run(ctx) })
	group.Go(func() error { return g.port.Run(ctx) })
	group.Go(func() error { return serveControl(ctx, g.control, g.controlHandler()) })
	group.Go(func() error { return g.watchLibrary(ctx) })
	group.Go(func() error { return g.warmUp() })
	if g.cfg.Player != "off" {
		group.Go(func() error { return g.runOwnPlayer(ctx) })
	}
	if g.cfg.Discovery {
		group.Go(func() error { return g.discover(ctx) })
	}
	if g.cfg.Demo {
		group.Go(func() error { return g.composeDemo(ctx) })
	}
	if g.cfg.Autoplay {
		group.Go(func() error { return g.playFirst(ctx) })
	}
	g.greet()
	err := group.Wait()
	stop()
	return errors.Join(err, base.Wait())
}

// warmUp compiles the Opus encoder before somebody waits for it.
func (g *Gateway) warmUp() error {
	if opus.Available() {
		if err := opus.Load(); err != nil {
			g.log.Warn("the Opus encoder cannot be used", "error", err)
		}
	}
	return nil
}

// greet tells who started the gateway where to go.
func (g *Gateway) greet() {
	g.cfg.Say("Jumpgate %s is at %s", g.cfg.Version, g.URL())
	if g.setupCode != "" {
		g.cfg.Say("Setup code: %s  (asked for once, by the first browser)", g.setupCode)
	}
}

// composeDemo composes the demo library; the scan takes in each piece as it is
// finished.
func (g *Gateway) composeDemo(ctx context.Context) error {
	begin := time.Now()
	err := demo.Compose(ctx, demo.Config{
		Dir: g.demoFolder(), Log: g.log,
		Progress: func(p demo.Progress) {
			g.library.Rescan()
			if p.Done == p.Total {
				g.cfg.Say("The demo library is composed: %d pieces in %s", p.Total, time.Since(begin).Round(time.Second))
			}
		},
	})
	if err != nil && ctx.Err() == nil {
		// What was composed so far plays; a full disk must not end the gateway.
		g.log.Error("the demo library could not be composed", "error", err)
	}
	return nil
}

// playFirst plays the first zone of a new gateway as soon as there is music. A
// zone that has been used is left as it was.
func (g *Gateway) playFirst(ctx context.Context) error {
	z, ok := g.zones.get(g.zones.first())
	if !ok {
		return nil
	}
	for range g.library.Watch(ctx) {
		counts, err := g.store.Counts(ctx)
		if err == nil && counts.Tracks == 0 {
			continue
		}
		var state zone.State
		if err == nil {
			state, err = z.State(ctx)
		}
		if err == nil && state.Length == 0 {
			err = z.Play(ctx)
		}
		switch {
		case errors.Is(err, zone.ErrEmpty):
			continue // what was found cannot be played
		case err != nil && ctx.Err() == nil:
			g.log.Warn("the first zone could not start by itself", "error", err)
		}
		return nil
	}
	return nil
}

// controlHandler answers the other commands: see ControlClient.
func (g *Gateway) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /backup", func(w http.ResponseWriter, r *http.Request) {
		g.answer(w, nil, g.store.Backup(r.Context(), r.FormValue("file")))
	})
	mux.HandleFunc("POST /import", func(w http.ResponseWriter, r *http.Request) {
		report, err := g.importHistory(r.Context(), Import{File: r.FormValue("file"), Listener: r.FormValue("for"), Dry: r.FormValue("dry") == "true"})
		g.answer(w, report, err)
	})
	mux.HandleFunc("POST /export", func(w http.ResponseWriter, r *http.Request) {
		g.answer(w, nil, exportFile(r.Context(), g.store, r.FormValue("for"), r.FormValue("file")))
	})
	mux.HandleFunc("POST /forget", func(w http.ResponseWriter, r *http.Request) {
		taste, err := tasteOf(r.Context(), g.store, r.FormValue("for"))
		if err == nil {
			err = g.listeners().Forget(r.Context(), taste)
		}
		g.answer(w, nil, err)
	})
	mux.HandleFunc("GET /devices", func(w http.ResponseWriter, r *http.Request) {
		list, err := g.house.List(r.Context())
		g.answer(w, list, err)
	})
	g.controlPlayers(mux)
	mux.HandleFunc("GET /report", func(w http.ResponseWriter, r *http.Request) {
		report, err := g.report(r.Context())
		g.answer(w, report, err)
	})
	mux.HandleFunc("GET /tokens", func(w http.ResponseWriter, r *http.Request) {
		list, err := g.store.Tokens(r.Context())
		g.answer(w, list, err)
	})
	mux.HandleFunc("POST /tokens", func(w http.ResponseWriter, r *http.Request) {
		secret, err := NewToken(r.Context(), g.store, r.FormValue("name"))
		g.answer(w, secret, err)
	})
	mux.HandleFunc("DELETE /tokens/{id}", func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		err := g.store.DeleteToken(r.Context(), id)
		if errors.Is(err, store.ErrNotFound) {
			err = fmt.Errorf("there is no token %q: `jumpgate token list` shows the ids", id)
		}
		g.answer(w, nil, err)
	})
	mux.HandleFunc("GET /accounts", func(w http.ResponseWriter, r *http.Request) {
		names, err := g.store.AccountNames(r.Context())
		g.answer(w, names, err)
	})
	mux.HandleFunc("POST /password", func(w http.ResponseWriter, r *http.Request) {
		g.answer(w, nil, g.api.SetPassword(r.Context(), r.FormValue("account"), r.FormValue("password")))
	})
	return mux
}

func (g *Gateway) answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		g.log.Debug("answer a command", "error", err)
	}
}
