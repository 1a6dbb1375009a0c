package player

import "github.com/jumpgate-audio/jumpgate/devices/sendspin/client"

// Chunks decodes the chunks of one stream, for whoever gets them without a player:
// a device's input sends the same.
type Chunks struct{ dec decoder }

// NewChunks returns a decoder of a stream; audio.ErrUnsupported wraps into its error
// for a format that is not decoded here.
func NewChunks(s client.Stream) (*Chunks, error) {
	dec, err := newDecoder(&s)
	if err != nil {
		return nil, err
	}
	return &Chunks{dec}, nil
}

// Decode returns samples of the stream's own rate and channels, interleaved, which
// are valid until the next call. audio.ErrCorrupt wraps into its errors.
func (c *Chunks) Decode(chunk []byte) ([]float32, error) { return c.dec.decode(chunk) }
