package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type serveCommand struct {
	settings
	Music []string `help:"A music folder; may be given several times." env:"JUMPGATE_MUSIC" placeholder:"DIR" type:"path"`
}

// Run serves the music folders until it is told to end.
func (c serveCommand) Run(ctx context.Context) error {
	cfg := c.gateway()
	cfg.Music = c.Music
	return runGateway(ctx, cfg)
}

type demoCommand struct{ settings }

// Run composes and plays the demo library until it is told to end.
func (c demoCommand) Run(ctx context.Context) error {
	cfg := c.gateway()
	cfg.Demo = true
	return runGateway(ctx, cfg)
}

func runGateway(ctx context.Context, cfg gateway.Config) error {
	g, err := gateway.New(ctx, cfg)
	if err != nil {
		return err
	}
	return g.Run(ctx)
}

// gateway turns settings into what package gateway wants.
func (s settings) gateway() gateway.Config {
	look := s.Look
	if look == 0 {
		look = -1 // never
	}
	return gateway.Config{
		Look: look,
		Data: s.Data, Listen: s.Listen, Name: s.Name, Advertise: s.Advertise, Hosts: s.Hosts,
		TLSCert: s.TLSCert, TLSKey: s.TLSKey, Player: s.Player, Autoplay: s.Autoplay, Discovery: s.Discovery, FFmpeg: s.FFmpeg,
		Token: os.Getenv("JUMPGATE_TOKEN"), Version: version, Log: logger(s.LogLevel),
		Say: func(format string, args ...any) { fmt.Printf(format+"\n", args...) },
	}
}

// logger writes to standard error; the enum of the flag holds the level to
// what slog knows.
func logger(level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: l}))
}
