package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/certify"
)

type certifyCommand struct {
	Address string        `arg:"" help:"The player's HOST or HOST:PORT (8928 if left out)."`
	Path    string        `help:"Path of its WebSocket." default:"/sendspin"`
	Tone    time.Duration `help:"How long each format is played." default:"2s"`
	JSON    bool          `help:"Print the report as JSON."`
}

// Run plays test sequences at a hardware player and prints how it did.
func (c certifyCommand) Run(ctx context.Context) error {
	report, err := certify.Run(ctx, certify.Config{Address: c.Address, Path: c.Path, Tone: c.Tone, Version: version})
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(os.Stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(report)
	} else {
		err = report.Text(os.Stdout)
	}
	if err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	if !report.Passed() {
		return errors.New("the player did not pass")
	}
	return nil
}
