package main

import (
	"context"
	"os"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type doctorCommand struct {
	dataFolder
	Wait time.Duration `help:"How long to look." default:"4s"`
}

// Run looks at the network and this machine, and asks a running gateway what
// its devices complain of.
func (c doctorCommand) Run(ctx context.Context) error {
	return gateway.Diagnose(ctx, os.Stdout, gateway.DiagnoseConfig{Data: c.Data, Wait: c.Wait})
}
