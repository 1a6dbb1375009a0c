package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/api"
)

type playersCommand struct {
	List      playersList      `cmd:"" default:"withargs" help:"List players and how they are protected."`
	Pair      playersPair      `cmd:"" help:"Pair with a player: by its code, or by the token that came with it."`
	Unpair    playersUnpair    `cmd:"" help:"Drop the pairing with a player."`
	Approve   playersApprove   `cmd:"" help:"Let a player that is not paired control its zone, or take that back."`
	Cleartext playersCleartext `cmd:"" help:"Take players without encryption, or none."`
}

type playersList struct{ dataFolder }

// Run lists the players that the running gateway knows.
func (c playersList) Run(ctx context.Context) error {
	list, err := players(ctx, c.Data)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Println("No players are known. `jumpgate doctor` says what was seen on which interface.")
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, d := range list {
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", d.Name, protection(d), trust(d), pairable(d), d.ID); err != nil {
			return err
		}
	}
	return table.Flush()
}

// protection says in a word how a player's connection is protected.
func protection(d api.Device) string {
	switch p := d.Player; {
	case p == nil, len(p.Roles) == 0 && !d.Present:
		return "not connected"
	case !p.Protected:
		return "not protected"
	case p.Paired:
		return "paired"
	case p.Lost:
		return "pairing lost"
	default:
		return "encrypted"
	}
}

func trust(d api.Device) string {
	switch {
	case d.Player != nil && d.Player.Paired, d.Approved:
		return "may control"
	default:
		return "plays only"
	}
}

func pairable(d api.Device) string {
	if d.Player == nil || len(d.Player.Methods) == 0 {
		return "-"
	}
	return "pairs by " + strings.Join(d.Player.Methods, ", ")
}

// players asks the running gateway for its hardware and software players.
func players(ctx context.Context, data string) ([]api.Device, error) {
	var list []api.Device
	if err := control(ctx, data, "GET", "/devices", nil, &list); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(d api.Device) bool { return d.Kind != "player" }), nil
}

// player finds one by its name or by its id.
func player(ctx context.Context, data, name string) (api.Device, error) {
	list, err := players(ctx, data)
	if err != nil {
		return api.Device{}, err
	}
	var found []api.Device
	for _, d := range list {
		if d.ID == name {
			return d, nil
		}
		if strings.EqualFold(d.Name, name) {
			found = append(found, d)
		}
	}
	switch len(found) {
	case 0:
		return api.Device{}, fmt.Errorf("no player is called %q: `jumpgate players` lists them", name)
	case 1:
		return found[0], nil
	default:
		return api.Device{}, fmt.Errorf("%d players are called %q: say the id that `jumpgate players` shows", len(found), name)
	}
}

func playerPath(d api.Device, what string) string {
	return "/players/" + url.PathEscape(d.ID) + "/" + what
}

type playersPair struct {
	dataFolder
	Player string `arg:"" help:"Its name or id."`
	Token  string `help:"The token that came with the player." placeholder:"SP:0…"`
	Method string `help:"How it says its code, where it has several ways." enum:",digits,qr,static" default:""`
}

// Run pairs, and asks for the code when the player shows it.
func (c playersPair) Run(ctx context.Context) error {
	d, err := player(ctx, c.Data, c.Player)
	if err != nil {
		return err
	}
	method := c.Method
	switch {
	case c.Token != "":
		method = "token"
	case d.Player == nil || len(d.Player.Methods) == 0:
		return fmt.Errorf("%s is not connected, or cannot be paired", d.Name)
	case method == "":
		method = d.Player.Methods[0]
	}
	form := url.Values{"method": {method}, "token": {c.Token}}
	if err := control(ctx, c.Data, "POST", playerPath(d, "pair"), form, &d); err != nil {
		return err
	}
	err = c.follow(ctx, d)
	if err != nil && !errors.Is(err, errPairing) {
		// Interrupted, or an error of ours: the player is not to wait for us.
		_ = control(context.WithoutCancel(ctx), c.Data, "POST", playerPath(d, "cancel"), nil, nil)
	}
	return err
}

var errPairing = errors.New("the pairing has failed")

// follow tells what the player waits for until it is paired.
func (c playersPair) follow(ctx context.Context, d api.Device) error {
	stdin := bufio.NewScanner(os.Stdin)
	said, round := "", 0
	for {
		p := d.Player
		switch {
		case p == nil:
			return fmt.Errorf("%w: it is not connected any more", errPairing)
		case p.Pairing == nil && p.Paired:
			fmt.Printf("%s is paired.\n", d.Name)
			return nil
		case p.Pairing == nil:
		case p.Pairing.Stage == "failed":
			return fmt.Errorf("%w: %s", errPairing, cmp.Or(p.Pairing.Reason, "it took too long"))
		case p.Pairing.Stage == "device" && said != "device":
			fmt.Printf("Do something at the player. It says: %q\n", p.Pairing.Message)
			said = "device"
		case p.Pairing.Stage == "code" && p.Pairing.Round > round:
			if round = p.Pairing.Round; round > 1 {
				fmt.Println("That was not the code.")
			}
			if err := c.enter(ctx, d, stdin); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(300 * time.Millisecond):
		}
		var err error
		if d, err = player(ctx, c.Data, d.ID); err != nil {
			return err
		}
	}
}

// enter asks for the code until one has the right form.
func (c playersPair) enter(ctx context.Context, d api.Device, stdin *bufio.Scanner) error {
	for {
		fmt.Printf("The code that %s shows: ", d.Name)
		if !stdin.Scan() {
			return cmp.Or(stdin.Err(), errors.New("no code was entered"))
		}
		err := control(ctx, c.Data, "POST", playerPath(d, "code"), url.Values{"code": {stdin.Text()}}, nil)
		if err == nil || ctx.Err() != nil {
			return err
		}
		fmt.Println(err)
	}
}

type playersUnpair struct {
	dataFolder
	Player string `arg:"" help:"Its name or id."`
}

// Run drops a pairing.
func (c playersUnpair) Run(ctx context.Context) error {
	d, err := player(ctx, c.Data, c.Player)
	if err != nil {
		return err
	}
	return control(ctx, c.Data, "POST", playerPath(d, "unpair"), nil, nil)
}

type playersApprove struct {
	dataFolder
	Player string `arg:"" help:"Its name or id."`
	Revoke bool   `help:"Take it back."`
}

// Run approves a player.
func (c playersApprove) Run(ctx context.Context) error {
	d, err := player(ctx, c.Data, c.Player)
	if err != nil {
		return err
	}
	yes := "yes"
	if c.Revoke {
		yes = "no"
	}
	return control(ctx, c.Data, "POST", playerPath(d, "approve"), url.Values{"approved": {yes}}, nil)
}

type playersCleartext struct {
	dataFolder
	State string `arg:"" optional:"" enum:"on,off," default:"" help:"on or off; without it, say which."`
}

// Run says or changes whether players without encryption are taken.
func (c playersCleartext) Run(ctx context.Context) error {
	if c.State != "" {
		return control(ctx, c.Data, "POST", "/players", url.Values{"cleartext": {c.State}}, nil)
	}
	var s api.PlayerSettings
	if err := control(ctx, c.Data, "GET", "/players", nil, &s); err != nil {
		return err
	}
	if s.Cleartext {
		fmt.Println("Players without encryption are taken. `jumpgate players cleartext off` takes none.")
	} else {
		fmt.Println("Players without encryption are not taken. `jumpgate players cleartext on` takes them.")
	}
	return nil
}
