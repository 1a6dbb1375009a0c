package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type devicesCommand struct {
	dataFolder
	Wait time.Duration `help:"How long to look, when no gateway runs." default:"3s"`
}

// Run lists what a running gateway knows, or looks for itself.
func (c devicesCommand) Run(ctx context.Context) error {
	var list []gateway.DeviceLine
	err := control(ctx, c.Data, "GET", "/devices", nil, &list)
	if errors.Is(err, errNotRunning) {
		list, err = gateway.FindDevices(ctx, c.Wait)
	}
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Println("No devices were found. `jumpgate doctor` says what was seen on which interface.")
		return nil
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, d := range list {
		presence := "here"
		if !d.Present {
			presence = "gone"
		}
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", d.Name, d.Kind, d.Address, presence, d.Model, d.Problem); err != nil {
			return err
		}
	}
	return table.Flush()
}
