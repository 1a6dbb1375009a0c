package sendspin_test

import (
	"encoding/binary"
	"math"
)

// sine returns stereo frames of 16 bits.
func sine(frames, rate int) []int16 {
	out := make([]int16, 0, 2*frames)
	for i := range frames {
		v := int16(16000 * math.Sin(2*math.Pi*440*float64(i)/float64(rate)))
		out = append(out, v, v)
	}
	return out
}

func packPCM(samples []int16) []byte {
	b := make([]byte, 0, 2*len(samples))
	for _, v := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}
