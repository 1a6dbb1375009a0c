package audio

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

// Source is a file to open. R must stay readable until the Decoder is closed;
// an *os.File is handed to ffmpeg as it is, anything else is copied for it.
type Source struct {
	R    io.ReaderAt
	Size int64  // bytes
	Name string // for error messages only: what a file is, its content says
}

// OpenOptions says what may be used to decode.
type OpenOptions struct {
	// FFmpeg decodes what this process cannot; nil: ErrNeedsFFmpeg instead.
	FFmpeg *FFmpeg
	// Cheaply has FFmpeg, where there is one, decode MP3 as well: it takes a
	// third of the processor time, but a process for each piece, and a seek may
	// miss by some milliseconds.
	Cheaply bool
}

// Open starts decoding. The context bounds the life of a child process, not
// of decoders in this process. Errors: ErrCorrupt, ErrNeedsFFmpeg,
// ErrUnsupported, or one from reading; all wrapped.
func Open(ctx context.Context, src Source, o OpenOptions) (Decoder, error) {
	k, err := inspect(src, o)
	if err != nil {
		return nil, err
	}
	if o.Cheaply && o.FFmpeg != nil && k.inside && k.file.Config().Codec == container.CodecMP3 {
		k.inside, k.demux, k.rough = false, "mp3", true
	}
	if !k.inside {
		return openFFmpeg(ctx, src, k, o.FFmpeg)
	}
	d, err := newFileDecoder(k)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", src.Name, err)
	}
	return d, nil
}

// Probe tells what Open would give. It reads headers, and the whole file only
// where they do not tell the length (MP3 without a Xing header); for what only
// ffmpeg knows it asks ffprobe, which takes a tenth of a second. A file that needs ffmpeg where there
// is none fails with ErrNeedsFFmpeg, along with what is known of it.
func Probe(src Source, o OpenOptions) (Info, error) {
	k, err := inspect(src, o)
	if err != nil {
		return Info{}, err
	}
	if k.inside || k.sure() && o.FFmpeg != nil {
		return k.info(), nil
	}
	return probeFFmpeg(context.Background(), src, k, o.FFmpeg)
}

// kind is what a file turned out to be.
type kind struct {
	file   *container.File // nil for what package container does not know
	inside bool            // this process can decode it
	demux  string          // the name of ffmpeg's demuxer otherwise
	rough  bool            // a seek by it need not be exact
}

// inspect sniffs a file and decides who decodes it.
func inspect(src Source, o OpenOptions) (k kind, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("open %s: %w: %v", src.Name, ErrCorrupt, p)
		}
	}()
	f, err := container.Probe(src.R, src.Size)
	switch {
	case errors.Is(err, container.ErrUnknown), errors.Is(err, container.ErrUnsupported):
		demux, serr := sniffForeign(src)
		if serr != nil {
			return k, fmt.Errorf("open %s: %w", src.Name, serr)
		}
		if demux == "" {
			return k, fmt.Errorf("open %s: %w: no known audio format", src.Name, ErrCorrupt)
		}
		return kind{demux: demux}, nil
	case err != nil:
		return k, fmt.Errorf("open %s: %w", src.Name, translate(err))
	}
	k = kind{file: f, inside: decodesInside(f, o.FFmpeg != nil)}
	if !k.inside {
		if k.demux, err = sniffForeign(src); err != nil {
			return k, fmt.Errorf("open %s: %w", src.Name, err)
		}
	}
	if f.Config().Samples < 0 {
		err := f.Index()
		// What is not cut into frames, ffmpeg may know the length of.
		if err != nil && (k.inside || !errors.Is(err, container.ErrUnsupported)) {
			return k, fmt.Errorf("open %s: %w", src.Name, translate(err))
		}
	}
	if f.Config().Samples == 0 {
		return k, fmt.Errorf("open %s: %w: no sound in it", src.Name, ErrCorrupt)
	}
	return k, nil
}

// counted tells that the file's headers or frames told its exact length.
func (k kind) counted() bool { return k.file != nil && k.file.Config().Samples >= 0 }

// sure tells that ffmpeg's decoder will give what the headers say. Of AAC at
// low rates they may not: its upper half can be in an extension (SBR) that
// only the decoder sees.
func (k kind) sure() bool {
	if !k.counted() {
		return false
	}
	c := k.file.Config()
	switch Codec(c.Codec) {
	case ALAC, Vorbis:
		return c.Channels <= 2
	case MP3:
		return c.Rate >= 32000 && c.Channels <= 2
	case AAC:
		return len(c.Header) >= 2 && c.Header[0]>>3 == 2 && c.Rate >= 32000 && c.Channels <= 2
	default:
		return false
	}
}

// translate makes container's errors this package's.
func translate(err error) error {
	switch {
	case errors.Is(err, container.ErrCorrupt):
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case errors.Is(err, container.ErrUnsupported), errors.Is(err, container.ErrUnknown):
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return err
}

// decodesInside tells whether newFileDecoder is the one to take the file.
func decodesInside(f *container.File, ffmpeg bool) bool {
	c := f.Config()
	switch c.Codec {
	case container.CodecPCM:
		return true
	case container.CodecFLAC:
		// Header is nil for FLAC inside Ogg, which is not cut into frames.
		return c.Header != nil && c.Bits <= 24 && c.Channels <= 8
	case container.CodecOpus:
		return c.Channels <= 2
	case container.CodecMP3:
		// go-mp3 is faultless in MPEG-1. It has no MPEG 2.5 (up to 12 kHz),
		// takes padded frames of 22.05 kHz for a byte shorter than they are,
		// and is some 40 dB off in the transients of other MPEG-2.
		return c.Rate >= 32000 || !ffmpeg && (c.Rate == 16000 || c.Rate == 24000)
	}
	return false
}

// info describes the decoder that the file will get.
func (k kind) info() Info {
	c := k.file.Config()
	i := Info{
		Codec: Codec(c.Codec), Rate: c.Rate, Channels: min(c.Channels, 2), Bits: c.Bits,
		Frames: c.Samples,
	}
	return i
}
