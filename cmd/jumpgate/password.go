package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/jumpgate-audio/jumpgate/gateway"
)

type passwordCommand struct {
	dataFolder
	Name string `arg:"" optional:"" help:"Whose; not needed where there is one account."`
}

// Run sets a password, through the gateway when it runs. Whoever can write to
// the data folder may.
func (c passwordCommand) Run(ctx context.Context) error {
	account, err := c.account(ctx)
	if err != nil {
		return err
	}
	password, err := askPassword(os.Stdin, os.Stderr, account)
	if err != nil {
		return err
	}
	err = control(ctx, c.Data, "POST", "/password", url.Values{"account": {account}, "password": {password}}, nil)
	if errors.Is(err, errNotRunning) {
		err = gateway.SetPassword(ctx, c.Data, account, password)
	}
	if err != nil {
		return err
	}
	fmt.Printf("%s has a new password, and is signed out everywhere.\n", account)
	return nil
}

// account is the one that is meant.
func (c passwordCommand) account(ctx context.Context) (string, error) {
	var names []string
	err := control(ctx, c.Data, "GET", "/accounts", nil, &names)
	if errors.Is(err, errNotRunning) {
		names, err = gateway.Accounts(ctx, c.Data)
	}
	switch {
	case err != nil:
		return "", err
	case len(names) == 0:
		return "", errors.New("there is no account yet: open the page and enter the setup code")
	case slices.Contains(names, c.Name):
		return c.Name, nil
	case c.Name == "" && len(names) == 1:
		return names[0], nil
	case c.Name == "":
		return "", fmt.Errorf("say whose password: %s", strings.Join(names, ", "))
	}
	return "", fmt.Errorf("there is no account %q, but: %s", c.Name, strings.Join(names, ", "))
}

// askPassword asks twice on a terminal, without showing what is typed. From a
// pipe or a file it takes one line.
func askPassword(in *os.File, out io.Writer, account string) (string, error) {
	if !term.IsTerminal(int(in.Fd())) {
		line, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
			return "", fmt.Errorf("read the password from standard input: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var typed [2]string
	for i, question := range []string{"New password for " + account + ": ", "Once more: "} {
		if _, err := fmt.Fprint(out, question); err != nil {
			return "", err
		}
		line, err := term.ReadPassword(int(in.Fd()))
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		if _, err := fmt.Fprintln(out); err != nil {
			return "", err
		}
		typed[i] = string(line)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two are not the same; nothing was changed")
	}
	return typed[0], nil
}
