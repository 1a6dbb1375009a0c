package mdns_test

import (
	"context"
	"fmt"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/mdns"
)

// Look for Chromecasts for five seconds.
func Example() {
	node, err := mdns.New(mdns.Config{Browse: []string{"_googlecast._tcp"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	events := node.Watch(ctx)
	go func() {
		if err := node.Run(ctx); err != nil {
			fmt.Println(err)
		}
	}()
	for ev := range events {
		fmt.Println(ev.Change, ev.Instance.Name, ev.Instance.Addrs, ev.Instance.Port)
	}
}
