package cast_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/jumpgate-audio/jumpgate/cast"
)

// Play a URL on a device whose address is known.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	sender := cast.NewSender(cast.Config{})
	go func() { _ = sender.Run(ctx) }()
	sender.Presence(netip.MustParseAddrPort("192.0.2.7:8009"))
	for status := range sender.Statuses() {
		if status.Connected {
			break
		}
	}
	err := sender.Load(ctx, []cast.Item{{
		ID: "1", URL: "http://192.0.2.1:4600/song.flac", ContentType: "audio/flac", Title: "A song",
	}}, 0)
	fmt.Println(err)
}
