package devices_test

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices"
	"github.com/jumpgate-audio/jumpgate/devices/mdns"
	"golang.org/x/sync/errgroup"
)

// Print the devices of the house as they come and go, for ten seconds.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	node, err := mdns.New(mdns.Config{Browse: devices.Services()})
	if err != nil {
		fmt.Println(err)
		return
	}
	registry := devices.New(devices.Config{})
	seen, changes := node.Watch(ctx), registry.Watch(ctx)

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return node.Run(ctx) })
	g.Go(func() error { return registry.Run(ctx) })
	g.Go(func() error {
		for ev := range seen {
			i := ev.Instance
			// An error says that a device is one too many, or that it ends.
			_ = registry.Sight(ctx, devices.Sighting{
				Service: i.Service, Name: i.Name, Addrs: i.Addrs, Port: i.Port, TXT: i.TXT,
				Interface: i.Interface, Gone: ev.Change == mdns.Gone,
			})
		}
		return nil
	})
	for ev := range changes {
		fmt.Println(ev.Device.Kind, ev.Device.Name, ev.Device.Addrs, ev.Device.Present)
	}
	if err := g.Wait(); err != nil {
		fmt.Println(err)
	}
}
