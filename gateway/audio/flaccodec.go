package audio

import (
	"bytes"
	"fmt"

	"github.com/mewkiz/flac/frame"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// flacCodec decodes FLAC frames of up to 24 bits, exactly.
type flacCodec struct {
	config container.CodecConfig
	r      bytes.Reader
}

func (c *flacCodec) reset()         {}
func (c *flacCodec) preroll() int64 { return 0 }

func (c *flacCodec) decode(dst []float32, data []byte) ([]float32, error) {
	c.r.Reset(quietRate(data))
	f, err := frame.New(&c.r)
	if err != nil {
		return dst, fmt.Errorf("flac: %w", err)
	}
	if f.BitsPerSample == 0 {
		f.BitsPerSample = uint8(c.config.Bits) // "as STREAMINFO says"
	}
	if int(f.BitsPerSample) != c.config.Bits || f.Channels.Count() != c.config.Channels {
		return dst, fmt.Errorf("flac: frame of %d channels and %d bits", f.Channels.Count(), f.BitsPerSample)
	}
	if err := f.Parse(); err != nil {
		return dst, fmt.Errorf("flac: %w", err)
	}
	n := len(f.Subframes[0].Samples)
	for _, s := range f.Subframes[1:] {
		n = min(n, len(s.Samples))
	}
	scale := 1 / float32(int64(1)<<(c.config.Bits-1))
	if len(f.Subframes) == 2 {
		l, r := f.Subframes[0].Samples[:n], f.Subframes[1].Samples[:n]
		for i := range l {
			dst = append(dst, float32(l[i])*scale, float32(r[i])*scale)
		}
		return dst, nil
	}
	for i := range n {
		for _, s := range f.Subframes {
			dst = append(dst, float32(s.Samples[i])*scale)
		}
	}
	return dst, nil
}

// quietRate rewrites the header of a frame of 24 or 176.4 kHz to leave the
// rate to STREAMINFO: the FLAC library prints to the process's log for every
// frame of these rates. Both checksums are made anew.
func quietRate(data []byte) []byte {
	if len(data) < 8 || data[2]&0xF != 2 && data[2]&0xF != 7 {
		return data
	}
	if crc16(data) != 0 {
		return data // damaged: let the checksum fail
	}
	n := 1
	for c := data[4]; n < 7 && c >= 0xC0 && c&(0x80>>n) != 0; n++ {
	}
	switch data[2] >> 4 {
	case 6:
		n++
	case 7:
		n += 2
	}
	if len(data) < 4+n+3 {
		return data
	}
	data[2] &= 0xF0
	data[4+n] = crc8(data[:4+n])
	sum := crc16(data[:len(data)-2])
	data[len(data)-2], data[len(data)-1] = byte(sum>>8), byte(sum)
	return data
}
