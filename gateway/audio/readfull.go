package audio

import "io"

// ReadFull reads until dst is full or there is nothing more, and returns how many
// frames it got and why there are not more: io.EOF at the end, io.ErrNoProgress
// where the decoder gives neither frames nor an error.
func ReadFull(dec Decoder, dst []float32) (frames int, err error) {
	channels := dec.Info().Channels
	for idle := 0; (frames+1)*channels <= len(dst); {
		n, err := dec.Read(dst[frames*channels:])
		frames += n
		if err != nil {
			return frames, err
		}
		if n > 0 {
			idle = 0
		} else if idle++; idle > 100 {
			return frames, io.ErrNoProgress
		}
	}
	return frames, nil
}
