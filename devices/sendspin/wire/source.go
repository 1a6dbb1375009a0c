package wire

import "fmt"

// SourceSupport is the source role's object in either hello.
type SourceSupport struct {
	Features *SourceFeatures `json:"features,omitempty"` // the client's
	// Codecs are those that the server takes.
	Codecs []string `json:"supported_codecs,omitempty"`
}

// SourceFeatures are hints.
type SourceFeatures struct {
	LineSense bool `json:"line_sense,omitempty"`
}

// SourceState is the source's object in client/state.
type SourceState struct {
	Signal string `json:"signal,omitempty"` // "present", "absent" or empty
}

// SourceCommand is what a server asks of a source: "start" or "stop".
type SourceCommand struct {
	Command string `json:"command"`
}

// InputStart announces the format of a source's stream.
type InputStart struct {
	Source *PlayerStream `json:"source"`
}

// ParseInputStart reads a client-stream/start.
func ParseInputStart(m Message) (PlayerStream, error) {
	var s InputStart
	if err := m.required(&s); err != nil {
		return PlayerStream{}, err
	}
	f := s.Source
	switch {
	case f == nil:
		return PlayerStream{}, fmt.Errorf("%w: %s without its source", ErrMalformed, m.Type)
	case f.Codec != "pcm" && f.Codec != "flac" && f.Codec != "opus":
		return PlayerStream{}, fmt.Errorf("%w: source of codec %q", ErrMalformed, clip(f.Codec))
	case f.Rate < 1 || f.Rate > 768_000 || f.Channels < 1 || f.Channels > 8 || len(f.Header) > 4096:
		return PlayerStream{}, fmt.Errorf("%w: source of %d Hz, %d channels", ErrMalformed, f.Rate, f.Channels)
	case f.Codec != "opus" && (f.Bits < 1 || f.Bits > 32):
		return PlayerStream{}, fmt.Errorf("%w: source of %d bits", ErrMalformed, f.Bits)
	case f.Codec == "flac" && len(f.Header) == 0:
		return PlayerStream{}, fmt.Errorf("%w: FLAC without its header", ErrMalformed)
	}
	return *f, nil
}
