package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
)

// excerpt is how long each of the two pieces is, in seconds.
const excerpt = 30

// Hear returns what a file sounds like. ffmpeg may be nil; where it is there, MP3
// takes a third of the time. Errors: those of
// audio.Open, sound.ErrSilent.
func Hear(ctx context.Context, f *os.File, size int64, name string, ffmpeg *audio.FFmpeg) (_ sound.Features, err error) {
	d, err := audio.Open(ctx, audio.Source{R: f, Size: size, Name: name}, audio.OpenOptions{FFmpeg: ffmpeg, Cheaply: true})
	if err != nil {
		return sound.Features{}, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return hear(ctx, d)
}

func hear(ctx context.Context, d audio.Decoder) (sound.Features, error) {
	info := d.Info()
	a, err := sound.New(info.Rate, info.Channels)
	if err != nil {
		return sound.Features{}, err
	}
	length := int64(excerpt * info.Rate)
	for _, from := range excerpts(info.Frames, length) {
		if from > 0 {
			if err := d.SeekFrame(from); err != nil {
				return sound.Features{}, err
			}
		}
		if err := listen(ctx, a, d, info.Channels, length); err != nil {
			return sound.Features{}, err
		}
		a.Break()
	}
	return a.Features()
}

// excerpts says where the pieces of a track begin. One that is not longer than
// they are together, or of unknown length, is heard from its start.
func excerpts(frames, length int64) []int64 {
	switch {
	case frames <= length:
		return []int64{0}
	case frames <= 2*length:
		return []int64{0, length}
	default:
		third := frames / 3
		return []int64{max(0, third-length/2), min(2*third-length/2, frames-length)}
	}
}

// listen gives at most length frames to a. A damaged end is as good as an end.
func listen(ctx context.Context, a *sound.Analyser, d audio.Decoder, channels int, length int64) error {
	buffer := make([]float32, 8192*channels)
	for length > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		want := min(length, 8192)
		n, err := d.Read(buffer[:int(want)*channels])
		a.Write(buffer[:n*channels])
		length -= int64(n)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, audio.ErrCorrupt):
			return nil
		case err != nil:
			return fmt.Errorf("decode an excerpt: %w", err)
		}
	}
	return nil
}
