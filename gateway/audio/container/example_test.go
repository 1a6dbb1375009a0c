package container_test

import (
	"bytes"
	"fmt"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

func ExampleOpen() {
	file := wavBytes(1, 2, 16, 10_000, 40_000)
	track, err := container.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		fmt.Println(err)
		return
	}
	c := track.Config()
	fmt.Println(c.Codec, c.Rate, "Hz,", c.Samples, "samples in", track.NumFrames(), "frames")
	_, size, dur := track.Frame(0)
	fmt.Println(size, "bytes,", dur, "samples in the first")
	// Output:
	// pcm 44100 Hz, 10000 samples in 3 frames
	// 16384 bytes, 4096 samples in the first
}
