package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type exportCommand struct {
	dataFolder
	For  string `placeholder:"NAME" help:"A listener's name. Needed where several live."`
	File string `arg:"" help:"Where to write it, as JSON." type:"path"`
}

// Run writes the file, through the gateway when it runs.
func (c exportCommand) Run(ctx context.Context) error {
	err := control(ctx, c.Data, "POST", "/export", url.Values{"for": {c.For}, "file": {c.File}}, nil)
	if errors.Is(err, errNotRunning) {
		err = gateway.Export(ctx, c.Data, c.For, c.File)
	}
	if err != nil {
		return err
	}
	fmt.Println("Written:", c.File)
	return nil
}

type forgetCommand struct {
	dataFolder
	Name string `arg:"" help:"The listener's name."`
}

// Run forgets a listener, through the gateway when it runs.
func (c forgetCommand) Run(ctx context.Context) error {
	err := control(ctx, c.Data, "POST", "/forget", url.Values{"for": {c.Name}}, nil)
	if errors.Is(err, errNotRunning) {
		err = gateway.Forget(ctx, c.Data, c.Name)
	}
	if err != nil {
		return err
	}
	fmt.Printf("Nothing is known of %s any more.\n", c.Name)
	return nil
}
