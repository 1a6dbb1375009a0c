package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type doctorCommand struct {
	dataFolder
	Wait time.Duration `help:"How long to look." default:"4s"`
}

// Run looks at the network for itself, and asks a running gateway what its
// devices complain of.
func (c doctorCommand) Run(ctx context.Context) error {
	if err := gateway.Diagnose(ctx, os.Stdout, c.Wait); err != nil {
		return err
	}
	var list []gateway.DeviceLine
	err := control(ctx, c.Data, "GET", "/devices", nil, &list)
	if errors.Is(err, errNotRunning) {
		fmt.Println("\nNo gateway runs on", c.Data)
		return nil
	}
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.Problem != "" {
			fmt.Printf("\n%s: %s\n", d.Name, d.Problem)
		}
	}
	return nil
}
