package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"text/tabwriter"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a token; it is shown once."`
	List   tokenList   `cmd:"" help:"List tokens."`
	Revoke tokenRevoke `cmd:"" help:"Take a token back."`
}

type tokenCreate struct {
	dataFolder
	Name string `arg:"" help:"What the token is for."`
}

// Run makes a token, through the gateway when it runs.
func (c tokenCreate) Run(ctx context.Context) error {
	var secret string
	err := control(ctx, c.Data, "POST", "/tokens", url.Values{"name": {c.Name}}, &secret)
	if errors.Is(err, errNotRunning) {
		secret, err = gateway.CreateToken(ctx, c.Data, c.Name)
	}
	if err != nil {
		return err
	}
	fmt.Println(secret)
	return nil
}

type tokenList struct{ dataFolder }

// Run lists the tokens of a running gateway.
func (c tokenList) Run(ctx context.Context) error {
	var tokens []struct {
		ID, Name string
		Created  time.Time
	}
	if err := control(ctx, c.Data, "GET", "/tokens", nil, &tokens); err != nil {
		return err
	}
	if len(tokens) == 0 {
		fmt.Println("There are no tokens. `jumpgate token create NAME` makes one.")
		return nil
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, t := range tokens {
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", t.ID, t.Created.Format(time.DateOnly), t.Name); err != nil {
			return err
		}
	}
	return table.Flush()
}

type tokenRevoke struct {
	dataFolder
	ID string `arg:"" help:"As token list shows it."`
}

// Run takes a token back.
func (c tokenRevoke) Run(ctx context.Context) error {
	if err := control(ctx, c.Data, "DELETE", "/tokens/"+url.PathEscape(c.ID), nil, nil); err != nil {
		return err
	}
	fmt.Println("The token is not valid any more.")
	return nil
}
