package hls_test

import (
	"log"
	"net/http"
	"time"

	"github.com/jumpgate-audio/jumpgate/hls"
)

// A live stream is a handler: mount it, and write frames as they are encoded.
func Example() {
	var encoded <-chan []byte // from an Opus encoder, 20 ms each
	head := append([]byte("OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00"), 0, 0, 0)

	stream, err := hls.NewLive(hls.LiveConfig{
		Codec:        hls.CodecConfig{Codec: "opus", Rate: 48000, Channels: 2, Header: head},
		FrameSamples: 960,
		Epoch:        time.Now(),
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/live/", stream)

	for pts := int64(0); ; pts += 960 {
		frame, ok := <-encoded
		if !ok {
			break
		}
		if err := stream.WriteFrame(pts, 960, frame); err != nil {
			log.Fatal(err)
		}
	}
}
