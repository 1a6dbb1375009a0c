package sendspin_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/client"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/noise"
	"github.com/jumpgate-audio/jumpgate/devices/sendspin/wire"
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
	ctx, stop := context.WithCancel(context.Background())
	go func() { _ = server.Run(ctx) }()
	mux := http.NewServeMux()
	mux.Handle(sendspin.Path, server.Handler())
	web := httptest.NewServer(mux) // of a program: http.ListenAndServe(":8927", mux)
	defer web.Close()

	go kitchen(ctx, stop, "ws"+strings.TrimPrefix(web.URL, "http")+sendspin.Path)

	played := map[*sendspin.Player]bool{}
	for e := range server.Events() {
		if e.State.Available && !played[e.Player] {
			played[e.Player] = true
			fmt.Println(e.Player.Hello().Name, "is here, encrypted:", e.Player.Security().Dialect == wire.Current)
			play(server, e.Player)
		}
	}
	// Output:
	// Kitchen is here, encrypted: true
	// Kitchen has 50 chunks, each heard 20 ms after the one before
}

// play sends a second of 440 Hz, heard in five seconds: a busy machine has time.
func play(server *sendspin.Server, p *sendspin.Player) {
	_ = p.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 48000, Channels: 2, Bits: 16}) // an error tells that it has gone
	at := server.Now() + 5_000_000
	for chunk := range 50 {
		pcm := make([]byte, 0, 960*4) // 20 ms
		for i := range 960 {
			v := int16(8000 * math.Sin(float64(chunk*960+i)*2*math.Pi*440/48000))
			pcm = append(pcm, byte(v), byte(v>>8), byte(v), byte(v>>8))
		}
		_ = p.Send(at+int64(chunk)*20_000, pcm)
	}
}

// kitchen is a player that takes what it is sent, and then ends the example.
func kitchen(ctx context.Context, stop func(), url string) {
	defer stop()
	identity, err := noise.NewIdentity(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New(client.Config{
		Name: "Kitchen", Identity: &identity, Unpaired: true,
		Formats: []wire.Format{{Codec: "pcm", Channels: 2, Rate: 48000, Bits: 16}},
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() { _ = c.Run(ctx, url) }()
	var times []int64
	for len(times) < 50 {
		<-c.Wake()
		for chunk, ok := c.Take(); ok; chunk, ok = c.Take() {
			times = append(times, chunk.At)
		}
	}
	even := true
	for i := range times[1:] {
		even = even && times[i+1]-times[i] == 20_000
	}
	if even {
		fmt.Println("Kitchen has 50 chunks, each heard 20 ms after the one before")
	}
}
