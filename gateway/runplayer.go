package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jumpgate-audio/jumpgate/devices/mdns"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/player"
)

// PlayerConfig is what `jumpgate player` is told.
type PlayerConfig struct {
	Data    string // keeps the player's id
	Server  string // HOST:PORT; empty: wait for servers
	Name    string
	Output  string // "auto", "meter" or a WAV file's name
	Listen  string
	Version string
	Log     *slog.Logger
	Say     func(format string, args ...any)
}

// RunPlayer is a player of its own, without a gateway, until ctx ends.
func RunPlayer(ctx context.Context, cfg PlayerConfig) error {
	output, err := openOutput(ctx, cfg.Output, cfg.Log, cfg.Say)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	identity, pairing, err := playerKeys(cfg)
	if err != nil {
		return err
	}
	clock := audio.NewClock()
	began := clock.Now()
	config := player.Config{
		Identity: &identity, Pairing: pairing,
		ID: "jumpgate-player-" + hostName(host+" "+cfg.Name), Name: cfg.Name, Version: cfg.Version, Clock: clock,
		Output: output, Volume: firstVolume, Log: cfg.Log,
		OnSound: func(s player.Sound) {
			cfg.Say("Sound at %.3f s: written %v before it is heard on %s",
				s.Heard.Sub(began).Seconds(), s.Heard.Sub(s.Written).Round(time.Millisecond), output.Name())
		},
		OnProblem: func(err error) { cfg.Say("%v", err) },
	}
	if cfg.Server != "" {
		config.Server = "ws://" + cfg.Server + sendspin.Path
	}
	p, err := player.New(config)
	if err != nil {
		return err
	}
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return p.Run(inner) })
	if cfg.Server == "" {
		group.Go(func() error { return await(inner, cfg, p) })
	}
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// await announces the player and takes servers in.
func await(ctx context.Context, cfg PlayerConfig, p *player.Player) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("wait for gateways on %s: %w; choose another port with --listen", cfg.Listen, err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	mux := http.NewServeMux()
	mux.Handle("GET "+sendspin.Path, p.Handler(ctx))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	node, err := mdns.New(mdns.Config{
		Announce: []mdns.Service{{
			Name: cfg.Name, Type: "_sendspin._tcp", Port: uint16(port), TXT: []string{"path=" + sendspin.Path, "name=" + cfg.Name},
		}},
		Host: strings.TrimSuffix(hostName(cfg.Name), ".local"), Log: cfg.Log,
	})
	if err != nil {
		return err
	}
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := node.Run(inner); err != nil && inner.Err() == nil {
			cfg.Say("The player cannot announce itself: %v. Add it to the gateway by its address.", err)
		}
		return nil
	})
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	cfg.Say("Waiting for gateways on port %d", port)
	return group.Wait()
}

// checkOutput refuses what is no player's output, before anything is made.
func checkOutput(name string) error {
	switch {
	case name == "auto", name == "meter":
		return nil
	case !strings.HasSuffix(strings.ToLower(name), ".wav"):
		return fmt.Errorf("a player's output is auto, meter or the name of a .wav file, not %q", name)
	}
	// The file is made with the first sound: what is certain to fail then is said
	// now.
	if _, err := os.Stat(filepath.Dir(name)); err != nil {
		return fmt.Errorf("write the player's sound to %s: %w", name, err)
	}
	return nil
}

// openOutput chooses where a player's sound goes.
func openOutput(ctx context.Context, name string, log *slog.Logger, say func(string, ...any)) (player.Output, error) {
	if err := checkOutput(name); err != nil {
		return nil, err
	}
	switch name {
	case "meter":
		return player.NewMeter(), nil
	case "auto":
	default:
		return player.NewWAV(name), nil
	}
	card, err := player.NewCard(ctx, "", log)
	if err == nil {
		return card, nil
	}
	log.Debug("no sound card", "error", err)
	say("No sound card was found: the player of this machine only measures the level, and nothing is heard from it. `jumpgate doctor` says why.")
	return player.NewMeter(), nil
}
