package sendspin_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/jumpgate-audio/jumpgate/devices/sendspin"
)

// A Sendspin server that plays a tone on every player that connects.
func Example() {
	start := time.Now()
	now := func() int64 { return time.Since(start).Microseconds() }
	server, err := sendspin.New(sendspin.Config{ID: "tone", Name: "Tone", Now: now})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT)
	defer stop()
	go func() { _ = server.Run(ctx) }()
	http.Handle(sendspin.Path, server.Handler())
	go func() { log.Print(http.ListenAndServe(":8927", nil)) }() //nolint:gosec // an example

	for e := range server.Events() {
		if e.Kind != sendspin.Connected {
			continue
		}
		fmt.Println(e.Player.Hello().Name, "is here")
		_ = e.Player.Start(sendspin.StreamFormat{Codec: "pcm", Rate: 48000, Channels: 2, Bits: 16})
		at := now() + 500_000 // the first sample is heard in half a second
		for chunk := range 50 {
			pcm := make([]byte, 0, 960*4) // 20 ms
			for i := range 960 {
				v := int16(8000 * math.Sin(float64(chunk*960+i)*2*math.Pi*440/48000))
				pcm = append(pcm, byte(v), byte(v>>8), byte(v), byte(v>>8))
			}
			_ = e.Player.Send(at+int64(chunk)*20_000, pcm)
		}
	}
}
