package container

import (
	"errors"
	"io"
)

// Errors that callers test for. All of them come wrapped with the place and
// the reason.
var (
	// ErrUnknown: the content is no format that this package knows.
	ErrUnknown = errors.New("container: unknown format")
	// ErrUnsupported: the format is known, but this kind of it cannot be cut
	// into frames here.
	ErrUnsupported = errors.New("container: not supported")
	// ErrCorrupt: the bytes contradict the format.
	ErrCorrupt = errors.New("container: corrupt")
)

// The names that CodecConfig.Codec takes.
const (
	CodecPCM    = "pcm"
	CodecFLAC   = "flac"
	CodecOpus   = "opus"
	CodecVorbis = "vorbis"
	CodecMP3    = "mp3"
	CodecAAC    = "aac"
	CodecALAC   = "alac"
)

// CodecConfig is what a decoder must know before the first frame.
type CodecConfig struct {
	Codec    string
	Rate     int // Hz; 48000 for every Opus stream
	Channels int
	Bits     int // significant bits a sample, 0 for lossy codecs
	// Float tells that PCM samples are IEEE floats of Bits bits, not integers.
	Float bool
	// Unsigned tells that PCM samples are offset binary (WAV of 8 bits).
	Unsigned bool
	// Header is the codec's own set-up data. FLAC: "fLaC" and the STREAMINFO
	// block, marked as the last one. Opus: the OpusHead packet. AAC: the
	// AudioSpecificConfig. ALAC: the magic cookie. Nil for MP3 and PCM.
	Header []byte
	// PreSkip and Padding count decoded samples (a channel) that are not part
	// of the music, at the start and at the end. For MP3 PreSkip includes the
	// 529 samples that every decoder adds.
	PreSkip, Padding int64
	// Samples is how many samples (a channel) the music has once PreSkip and
	// Padding are gone; -1 if the headers do not tell.
	Samples int64
}

// Track is a file cut into frames. Frame offsets are positions for the
// Track's own ReadAt, which need not be positions in the file: an Ogg packet
// may be spread over pages, and ReadAt joins it. A Track is safe for
// concurrent use.
type Track interface {
	Config() CodecConfig
	// NumFrames is the number of coded frames (packets).
	NumFrames() int
	// Frame tells where frame i is, 0 <= i < NumFrames, and how many samples
	// (a channel) it decodes to.
	Frame(i int) (off int64, size int, dur uint32)
	io.ReaderAt
}

// maxFrames bounds the index, also of a file that lies: more than a day of
// AAC at 96 kHz or of Opus in packets of 20 ms.
const maxFrames = 10_000_000

// frame is one entry of the index.
type frame struct {
	off  int64
	size uint32
	dur  uint32
}

// seeker is a walker that finds a frame without walking up to it. It returns
// that frame's first sample, which is not behind the given one, and goes on
// from there; false if it cannot.
type seeker interface {
	seek(sample int64) (int64, bool)
}

// seekAhead is how many samples behind the known frames are walked to rather
// than sought.
const seekAhead = 1 << 18

// walker is a format's way from one frame to the next. It returns io.EOF
// behind the last one.
type walker interface{ next() (frame, error) }

// File is an opened file whose index grows on demand. Before the index is
// complete a File belongs to one goroutine.
type File struct {
	io.ReaderAt
	cfg    CodecConfig
	walk   walker
	frames []frame
	starts []int64 // the first sample of each frame, PreSkip included
	base   int64   // the first sample that the index reaches back to
	total  int64   // the sample behind the frames so far
	err    error   // why the index ended, io.EOF when it is complete
}

// Config describes the stream.
func (f *File) Config() CodecConfig { return f.cfg }

// NumFrames is the number of frames found so far, all of them after Index.
func (f *File) NumFrames() int { return len(f.frames) }

// Frame tells where a frame that was found is, and its duration in samples.
func (f *File) Frame(i int) (off int64, size int, dur uint32) {
	fr := f.frames[i]
	return fr.off, int(fr.size), fr.dur
}

// Start returns the first decoded sample of frame i, PreSkip included.
func (f *File) Start(i int) int64 { return f.starts[i] }

// Grow finds one more frame. It returns io.EOF once there is none.
func (f *File) Grow() error {
	if f.err != nil {
		return f.err
	}
	fr, err := f.walk.next()
	if err == nil && len(f.frames) >= maxFrames {
		err = errorf(ErrUnsupported, "more than %d frames", maxFrames)
	}
	if err != nil {
		f.err = err
		return err
	}
	f.frames = append(f.frames, fr)
	f.starts = append(f.starts, f.total)
	f.total += int64(fr.dur)
	return nil
}

// Index finds all frames, and corrects Config().Samples by what is there. A
// file that breaks off in the middle is indexed up to there.
func (f *File) Index() error {
	if f.base > 0 {
		f.moveTo(0)
	}
	for f.Grow() == nil {
	}
	if !errors.Is(f.err, io.EOF) && (len(f.frames) == 0 || !errors.Is(f.err, ErrCorrupt)) {
		return f.err
	}
	if len(f.frames) == 0 {
		return errorf(ErrCorrupt, "no frames")
	}
	played := max(f.total-f.cfg.PreSkip-f.cfg.Padding, 0)
	if f.cfg.Samples < 0 || f.cfg.Samples > played {
		f.cfg.Samples = played
	}
	f.cfg.Padding = max(f.total-f.cfg.PreSkip-f.cfg.Samples, 0)
	return nil
}

// At returns the frame that holds the given decoded sample (PreSkip
// included), growing the index up to it. It returns io.EOF behind the end.
// Where the format allows it and the index is not complete, At forgets the
// frames that it had and starts the index anew near the sample: frame numbers
// from before are void then.
func (f *File) At(sample int64) (int, error) {
	complete := f.err != nil && f.base == 0
	if !complete && (sample > f.total+seekAhead || sample < f.base) {
		f.moveTo(sample)
	}
	if sample < f.base {
		return 0, errorf(ErrCorrupt, "sample %d cannot be found again", sample)
	}
	for f.total <= sample {
		if err := f.Grow(); err != nil {
			return 0, err
		}
	}
	lo, hi := 0, len(f.starts)
	for hi-lo > 1 {
		if mid := int(uint(lo+hi) / 2); f.starts[mid] <= sample {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo, nil
}

// moveTo starts the index anew near a sample, where the format can.
func (f *File) moveTo(sample int64) {
	s, ok := f.walk.(seeker)
	if !ok {
		return
	}
	if start, ok := s.seek(sample); ok {
		f.frames, f.starts, f.err = f.frames[:0], f.starts[:0], nil
		f.base, f.total = start, start
	}
}

// ReadFrame reads frame i, growing the index up to it, into buf where it
// fits. It returns io.EOF behind the last frame.
func (f *File) ReadFrame(i int, buf []byte) ([]byte, error) {
	for len(f.frames) <= i {
		if err := f.Grow(); err != nil {
			return nil, err
		}
	}
	n := int(f.frames[i].size)
	if cap(buf) < n {
		buf = make([]byte, n, n+n/4)
	}
	buf = buf[:n]
	if m, err := f.ReadAt(buf, f.frames[i].off); m < n {
		return nil, readError("read frame", err)
	}
	return buf, nil
}
