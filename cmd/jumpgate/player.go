package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type playerCommand struct {
	dataFolder
	Server   string `arg:"" optional:"" help:"The gateway's address, HOST or HOST:PORT (4600 if left out); without one the player announces itself and waits for gateways."`
	Name     string `help:"What the player is called." default:"Jumpgate player"`
	Output   string `help:"The sound card, a level meter, or a WAV file." default:"auto" placeholder:"auto|meter|FILE.wav"`
	Listen   string `help:"Where to wait for gateways." default:":8928" placeholder:"HOST:PORT"`
	LogLevel string `help:"How much to say: debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
}

// Run plays until it is told to end.
func (c playerCommand) Run(ctx context.Context) error {
	server, err := gatewayAddress(c.Server)
	if err != nil {
		return err
	}
	return gateway.RunPlayer(ctx, gateway.PlayerConfig{
		Data: c.Data, Server: server, Name: c.Name, Output: c.Output, Listen: c.Listen, Version: version,
		Log: logger(c.LogLevel),
		Say: func(format string, args ...any) { fmt.Printf(format+"\n", args...) },
	})
}

// gatewayAddress is a gateway's HOST:PORT, as it was typed or as a browser shows
// it; empty stays empty.
func gatewayAddress(typed string) (string, error) {
	address := typed
	for _, scheme := range []string{"http://", "https://", "ws://"} {
		address = strings.TrimPrefix(address, scheme)
	}
	address = strings.TrimSuffix(address, "/")
	if address == "" {
		return "", nil
	}
	host, port, err := net.SplitHostPort(address)
	if addr := (*net.AddrError)(nil); errors.As(err, &addr) && addr.Err == "missing port in address" {
		host, port, err = strings.Trim(address, "[]"), "4600", nil
	}
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 || host == "" || strings.ContainsAny(host, "/ @") {
		return "", fmt.Errorf("%q is no address of a gateway: give it as HOST:PORT, such as 192.168.1.5:4600", typed)
	}
	return net.JoinHostPort(host, port), nil
}
