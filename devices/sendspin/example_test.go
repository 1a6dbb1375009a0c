package sendspin_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"math"
	"net/http"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
)

// A Sendspin server of both dialects that plays a tone on every player that
// connects. One that is to be paired with has Config.Keys as well, and keeps its
// identity.
func Example() {
	identity, err := noise.NewIdentity(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	server, err := sendspin.New(sendspin.Config{
		ID: "tone", Name: "Tone", Identity: &identity,
		Access: func(string) sendspin.Access { return sendspin.Listens },
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle(sendspin.Path, server.Handler())
	go func() { log.Print(http.ListenAndServe(":8927", nil)) }() //nolint:gosec // an example
	go func() { log.Print(server.Run(context.Background())) }()

	for e := range server.Events() {
		if e.State.Available && e.Player.Stats().Sent == 0 {
			fmt.Println(e.Player.Hello().Name, "is here")
			play(server, e.Player)
		}
	}
}

// play sends a second of 440 Hz, heard in half a second.
func play(server *sendspin.Server, p *sendspin.Player) {
	_ = p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 48000, Channels: 2, Bits: 16}) // an error tells that it has gone
	at := server.Now() + 500_000
	for chunk := range 50 {
		pcm := make([]byte, 0, 960*4) // 20 ms
		for i := range 960 {
			v := int16(8000 * math.Sin(float64(chunk*960+i)*2*math.Pi*440/48000))
			pcm = append(pcm, byte(v), byte(v>>8), byte(v), byte(v>>8))
		}
		_ = p.Send(at+int64(chunk)*20_000, pcm)
	}
}
