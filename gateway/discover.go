package gateway

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/devices/mdns"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
)

// discover finds devices by mDNS and announces this gateway. Where that cannot
// be had, music goes on: devices can be added by address.
func (g *Gateway) discover(ctx context.Context) error {
	port := uint16(g.port.Address().Port)
	node, err := mdns.New(mdns.Config{
		Browse: devices.Services(),
		Announce: []mdns.Service{
			{Name: g.cfg.Name, Type: "_jumpgate._tcp", Port: port, TXT: []string{"path=/", "version=" + g.cfg.Version}},
			{Name: g.cfg.Name, Type: "_sendspin-server._tcp", Port: port, TXT: []string{"path=" + sendspin.Path, "name=" + g.cfg.Name}},
		},
		Host: strings.TrimSuffix(announcedName(g.cfg.Name), ".local"),
		Log:  g.log,
	})
	if err != nil {
		return fmt.Errorf("announce this gateway: %w", err)
	}
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return node.Run(inner) })
	group.Go(func() error {
		for event := range node.Watch(inner) {
			if err := g.registry.Sight(inner, sighting(event)); err != nil {
				return err
			}
		}
		return nil
	})
	err = group.Wait()
	if err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		g.cfg.Say("Devices cannot be found by themselves: %v. Add them by address; `jumpgate doctor` says more.", err)
	}
	return nil
}

// announcedName is the host name that a gateway announces: never the machine's
// own, which is for the machine's responder to announce.
func announcedName(name string) string {
	host := hostName(name)
	own, err := os.Hostname()
	if err != nil {
		return host
	}
	label, _, _ := strings.Cut(own, ".")
	if hostName(label) == host {
		return strings.TrimSuffix(host, ".local") + "-gateway.local"
	}
	return host
}

func sighting(event mdns.Event) devices.Sighting {
	i := event.Instance
	return devices.Sighting{
		Service: i.Service, Name: i.Name, Addrs: i.Addrs, Port: i.Port, TXT: i.TXT, Interface: i.Interface,
		Gone: event.Change == mdns.Gone,
	}
}
