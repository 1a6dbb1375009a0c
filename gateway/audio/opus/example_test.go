package opus_test

import (
	"fmt"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/opus"
)

func ExampleNewEncoder() {
	e, err := opus.NewEncoder(opus.Config{Channels: 2, Bitrate: 128_000})
	if err != nil {
		fmt.Println(err) // opus.ErrMissing where it was not built in
		return
	}
	defer e.Close()
	packet, err := e.Encode(make([]float32, opus.FrameSamples*2))
	fmt.Println(len(packet), err)
}
