package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type backupCommand struct {
	dataFolder
	File string `arg:"" help:"Where to write the copy." type:"path"`
}

// Run writes a copy, through the gateway when it runs.
func (c backupCommand) Run(ctx context.Context) error {
	err := control(ctx, c.Data, "POST", "/backup", url.Values{"file": {c.File}}, nil)
	if errors.Is(err, errNotRunning) {
		err = gateway.Backup(ctx, c.Data, c.File)
	}
	if err != nil {
		return err
	}
	fmt.Println("Written:", c.File)
	return nil
}
