package main

import (
	"context"
	"fmt"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type playerCommand struct {
	dataFolder
	Server   string `arg:"" optional:"" help:"The gateway's address, HOST:PORT; without one the player announces itself and waits for gateways."`
	Name     string `help:"What the player is called." default:"Jumpgate player"`
	Output   string `help:"The sound card, a level meter, or a WAV file." default:"auto" placeholder:"auto|meter|FILE.wav"`
	Listen   string `help:"Where to wait for gateways." default:":8928" placeholder:"HOST:PORT"`
	LogLevel string `help:"How much to say: debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
}

// Run plays until it is told to end.
func (c playerCommand) Run(ctx context.Context) error {
	return gateway.RunPlayer(ctx, gateway.PlayerConfig{
		Data: c.Data, Server: c.Server, Name: c.Name, Output: c.Output, Listen: c.Listen, Version: version,
		Log: logger(c.LogLevel),
		Say: func(format string, args ...any) { fmt.Printf(format+"\n", args...) },
	})
}
