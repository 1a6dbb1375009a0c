package cast_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"
	"net/netip"
	"time"

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

// Stay connected, and print what the device does until somebody else takes it.
func ExampleSender_Statuses() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sender := cast.NewSender(cast.Config{})
	go func() { _ = sender.Run(ctx) }()                        // until ctx ends; it connects again after a drop
	sender.Presence(netip.MustParseAddrPort("192.0.2.7:8009")) // and again when it has moved
	for status := range sender.Statuses() {
		fmt.Println(status.State, sender.Media().Title, status.PositionAt(time.Now()))
		if status.Foreign {
			return
		}
	}
}

// Replace what comes after the song that plays, without a pause in it.
func ExampleSender_Follow() {
	change := func(ctx context.Context, s *cast.Sender, next []cast.Item) error {
		err := s.Follow(ctx, "", next, false)
		switch {
		case errors.Is(err, cast.ErrIdle): // nothing of ours plays
			return s.Load(ctx, next, 0)
		case errors.Is(err, cast.ErrTaken): // somebody else plays: leave them alone
			return nil
		}
		return err
	}
	_ = change
}

// Trust the certificate that a device shows first, and ask about any other.
func ExamplePin() {
	device := netip.MustParseAddrPort("192.0.2.7:8009")
	var known [sha256.Size]byte // as kept after the first connection
	err := cast.Once(context.Background(), cast.Config{Trust: cast.Pin(known)}, device,
		func(ctx context.Context, s *cast.Sender) error { return s.SetVolume(ctx, 0.3) })
	var changed *cast.CertificateError
	if errors.As(err, &changed) {
		fmt.Printf("It shows %x now: pin that if you have just reset the device.\n", changed.Shown)
	}
}
