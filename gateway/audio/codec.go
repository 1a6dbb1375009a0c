package audio

import "errors"

// Errors that callers test for.
var (
	// ErrUnsupported: no decoder or encoder for this codec in this build.
	ErrUnsupported = errors.New("audio: codec not supported")
	// ErrNeedsFFmpeg: ffmpeg could decode this, but none was found.
	ErrNeedsFFmpeg = errors.New("audio: ffmpeg is needed to decode this")
	// ErrCorrupt: the bytes are not what they claim to be.
	ErrCorrupt = errors.New("audio: corrupt data")
)

// Info describes what a Decoder gives.
type Info struct {
	Codec    Codec
	Rate     int   // Hz
	Channels int   // 1 or 2: more are mixed down before they are handed out
	Bits     int   // significant bits of the source, 0 for lossy codecs
	Frames   int64 // playable frames, encoder delay and padding left out; -1 if not known
}

// Decoder turns a file into samples. A Decoder belongs to one goroutine.
type Decoder interface {
	// Info may be called at any time.
	Info() Info
	// Read fills dst with interleaved samples in [-1, 1] (24-bit sources
	// survive exactly) and returns how many frames it wrote; len(dst) is a
	// multiple of Info().Channels. It returns io.EOF with 0 frames at the end.
	// Encoder delay and padding are never handed out.
	Read(dst []float32) (frames int, err error)
	// SeekFrame makes the given frame the next that Read returns, exactly.
	SeekFrame(frame int64) error
	// Close frees what the decoder holds. It does not close its source.
	Close() error
}

// EncodedFrame is one packet that an Encoder made.
type EncodedFrame struct {
	Samples int // frames in it
	Data    []byte
}

// Encoder turns samples into packets. An Encoder belongs to one goroutine.
type Encoder interface {
	// Stream describes the packets; the same pointer until Reset.
	Stream() *Stream
	// Delay is how many frames the codec puts before the first sample it was
	// given (Opus pre-skip), 0 for lossless codecs.
	Delay() int
	// Encode takes interleaved samples, any number of frames, and returns the
	// packets they completed. The returned Data belongs to the caller.
	Encode(pcm []float32) ([]EncodedFrame, error)
	// Flush pads and returns what is left; only Reset or Close may follow.
	Flush() ([]EncodedFrame, error)
	// Reset starts a new Stream, as after a seek.
	Reset() error
	Close() error
}
