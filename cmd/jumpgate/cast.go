package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jumpgate-audio/jumpgate/cast"
	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/gateway"
)

// castCommand holds the commands for one Chromecast, without a gateway.
type castCommand struct {
	List   castListCommand   `cmd:"" help:"List the Chromecasts and Cast groups on the network."`
	Status castStatusCommand `cmd:"" help:"Say what a device does."`
	Play   castPlayCommand   `cmd:"" help:"Play URLs, or files of this machine."`
	Queue  castQueueCommand  `cmd:"" help:"Show the queue of a device, or move within it."`
	Pause  castPauseCommand  `cmd:"" help:"Hold what plays."`
	Resume castResumeCommand `cmd:"" help:"Go on with what is paused."`
	Stop   castStopCommand   `cmd:"" help:"End what plays, unless somebody else plays it."`
	Volume castVolumeCommand `cmd:"" help:"Show or set the volume."`
	Watch  castWatchCommand  `cmd:"" help:"Print every change until it is interrupted."`
	Record castRecordCommand `cmd:"" help:"Write a transcript of a short session with a device, without names, addresses and ids."`
}

// castPort is where a Chromecast listens; groups have ports of their own.
const castPort = 8009

// castTarget says which device is meant.
type castTarget struct {
	dataFolder
	Device  string        `short:"d" help:"The device's name, or a part of it that no other has. Not needed where there is one." placeholder:"NAME"`
	Address string        `short:"a" help:"The device's address, in place of looking for it by name." placeholder:"HOST[:PORT]"`
	Wait    time.Duration `help:"How long to look for devices, where no gateway runs." default:"3s"`
	Timeout time.Duration `help:"How long the device may take." default:"40s"`
	JSON    bool          `help:"Print JSON."`
}

// castDevice is a device that was found.
type castDevice struct {
	Name    string `json:"name"`
	Address string `json:"address"` // host:port
	Model   string `json:"model"`
	Group   bool   `json:"group"`
	Present bool   `json:"present"`
}

// all lists the Cast devices that a running gateway knows, or looks for them.
func (t castTarget) all(ctx context.Context) ([]castDevice, error) {
	var lines []gateway.DeviceLine
	err := control(ctx, t.Data, "GET", "/devices", nil, &lines)
	if errors.Is(err, errNotRunning) {
		lines, err = gateway.FindDevices(ctx, t.Wait)
	}
	if err != nil {
		return nil, err
	}
	found := []castDevice{}
	for _, l := range lines {
		if kind := devices.Kind(l.Kind); kind == devices.Cast || kind == devices.CastGroup {
			found = append(found, castDevice{l.Name, l.Address, l.Model, kind == devices.CastGroup, l.Present})
		}
	}
	return found, nil
}

// find returns the device that is meant.
func (t castTarget) find(ctx context.Context) (castDevice, netip.AddrPort, error) {
	if t.Address != "" {
		at, err := resolve(ctx, t.Address)
		return castDevice{Name: t.Address, Address: at.String(), Present: true}, at, err
	}
	all, err := t.all(ctx)
	if err != nil {
		return castDevice{}, netip.AddrPort{}, err
	}
	d, err := pick(all, t.Device)
	if err != nil {
		return castDevice{}, netip.AddrPort{}, err
	}
	at, err := netip.ParseAddrPort(d.Address)
	if err != nil {
		return d, at, fmt.Errorf("the address of %s is not known", d.Name)
	}
	return d, at, nil
}

// pick chooses by name: the one that is called so, else the one whose name has
// it in it.
func pick(all []castDevice, name string) (castDevice, error) {
	var names []string
	var same, like []castDevice
	for _, d := range all {
		names = append(names, strconv.Quote(d.Name))
		switch {
		case strings.EqualFold(d.Name, name):
			same = append(same, d)
		case strings.Contains(strings.ToLower(d.Name), strings.ToLower(name)):
			like = append(like, d)
		}
	}
	if len(same) == 0 {
		same = like
	}
	switch {
	case len(all) == 0:
		return castDevice{}, errors.New("no Chromecast was found: `jumpgate doctor` says what was seen; --address HOST:PORT goes without looking")
	case len(same) == 1:
		return same[0], nil
	case len(same) == 0:
		return castDevice{}, fmt.Errorf("no Chromecast is called %q; there are %s", name, strings.Join(names, ", "))
	default:
		return castDevice{}, fmt.Errorf("several Chromecasts could be meant: name one of %s with --device", strings.Join(names, ", "))
	}
}

// resolve reads HOST or HOST:PORT.
func resolve(ctx context.Context, text string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = strings.Trim(text, "[]"), strconv.Itoa(castPort)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is no port: the address is HOST or HOST:PORT", port)
	}
	if at, err := netip.ParseAddr(host); err == nil {
		return netip.AddrPortFrom(at, uint16(n)), nil
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("find %s: %w", host, err)
	}
	return netip.AddrPortFrom(found[0].Unmap(), uint16(n)), nil
}

// with connects to the device that is meant, and lets f use it.
func (t castTarget) with(ctx context.Context, f func(context.Context, castDevice, *cast.Sender) error) error {
	d, at, err := t.find(ctx)
	if err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	err = cast.Once(within, cast.Config{Group: d.Group}, at, func(ctx context.Context, s *cast.Sender) error { return f(ctx, d, s) })
	if within.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%s at %s did not do it within %s", d.Name, at, t.Timeout)
	}
	return err
}

type castListCommand struct{ castTarget }

// Run lists what is found.
func (c castListCommand) Run(ctx context.Context) error {
	all, err := c.all(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(all)
	}
	if len(all) == 0 {
		fmt.Println("No Chromecast was found. `jumpgate doctor` says what was seen on which interface.")
		return nil
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, d := range all {
		kind := d.Model
		if d.Group {
			kind = "group"
		}
		presence := "here"
		if !d.Present {
			presence = "gone"
		}
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", d.Name, d.Address, presence, kind); err != nil {
			return err
		}
	}
	return table.Flush()
}

type castPauseCommand struct{ castTarget }

// Run pauses.
func (c castPauseCommand) Run(ctx context.Context) error { return c.order(ctx, (*cast.Sender).Pause) }

type castResumeCommand struct{ castTarget }

// Run goes on.
func (c castResumeCommand) Run(ctx context.Context) error { return c.order(ctx, (*cast.Sender).Play) }

type castStopCommand struct{ castTarget }

// Run stops.
func (c castStopCommand) Run(ctx context.Context) error { return c.order(ctx, (*cast.Sender).Stop) }

func (t castTarget) order(ctx context.Context, do func(*cast.Sender, context.Context) error) error {
	return t.with(ctx, func(ctx context.Context, d castDevice, s *cast.Sender) error {
		if err := do(s, ctx); err != nil {
			return fmt.Errorf("%s: %w", d.Name, err)
		}
		return nil
	})
}

func printJSON(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }
