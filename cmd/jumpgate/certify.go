package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/certify"
)

type certifyCommand struct {
	Address string        `arg:"" help:"The player's HOST or HOST:PORT (8928 if left out)."`
	Path    string        `help:"Path of its WebSocket." default:"/sendspin"`
	Tone    time.Duration `help:"How long each format is played." default:"2s"`
	JSON    bool          `help:"Print the report as JSON."`
	Token   string        `help:"Pair by what the player's label or QR code says (SP:0...)."`
	Pair    bool          `help:"Pair by the code that the player shows, which is asked for."`
	Restart bool          `help:"Ask to switch the paired player off and on, and look whether it remembers."`
}

// Run plays test sequences at a hardware player and prints how it did.
func (c certifyCommand) Run(ctx context.Context) error {
	cfg := certify.Config{Address: c.Address, Path: c.Path, Tone: c.Tone, Token: c.Token, Version: version}
	person := operator{lines: bufio.NewReader(os.Stdin), out: os.Stderr}
	if c.Pair {
		cfg.Code = func(_ context.Context, round uint32) (string, error) {
			again := ""
			if round > 1 {
				again = "That was not it. "
			}
			return person.ask(again + "The code that the player shows, or that is printed on it: ")
		}
	}
	if c.Restart {
		cfg.Restart = func(context.Context) error {
			_, err := person.ask("Switch the player off and on again, then press Enter: ")
			return err
		}
	}
	report, err := certify.Run(ctx, cfg)
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

// operator is whoever sits at the terminal.
type operator struct {
	lines *bufio.Reader
	out   io.Writer
}

func (o operator) ask(what string) (string, error) {
	if _, err := fmt.Fprint(o.out, what); err != nil {
		return "", fmt.Errorf("ask at the terminal: %w", err)
	}
	line, err := o.lines.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read the terminal: %w", err)
	}
	return strings.TrimSpace(line), nil
}
