package cast_test

import (
	"context"
	"log"
	"net/netip"

	"github.com/jumpgate-audio/jumpgate/cast"
)

// Play a URL on a device whose address is known. The music plays on after this.
func Example() {
	device := netip.MustParseAddrPort("192.0.2.7:8009")
	song := cast.Item{
		ID: "1", URL: "http://192.0.2.1:4600/song.flac", ContentType: "audio/flac", Title: "A song",
	}
	err := cast.Once(context.Background(), cast.Config{Launch: true}, device,
		func(ctx context.Context, s *cast.Sender) error {
			return s.Load(ctx, []cast.Item{song}, 0)
		})
	if err != nil {
		log.Fatal(err)
	}
}
