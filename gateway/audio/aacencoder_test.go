package audio

import (
	"errors"
	"testing"
)

// Without an ffmpeg there is no AAC, and nothing else is missing.
func TestEncodersWithoutFFmpeg(t *testing.T) {
	var e Encoders
	if e.Available(AAC) || !e.Available(FLAC) {
		t.Error("what is available is wrong")
	}
	if _, err := e.New(Format{Codec: AAC, Rate: 44100, Channels: 2, Bitrate: 128_000}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("AAC without ffmpeg: %v", err)
	}
	if _, err := e.New(Format{Codec: FLAC, Rate: 44100, Channels: 2, Bits: 16}); err != nil {
		t.Error(err)
	}
	missing := Encoders{FFmpeg: &FFmpeg{ffmpeg: "/nothing/ffmpeg"}}
	if missing.Available(AAC) {
		t.Error("an ffmpeg that is not there encodes")
	}
}
