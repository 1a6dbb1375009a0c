package container

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// probeOgg reads the first packets of the first audio stream.
func probeOgg(w *window, start int64) (*File, error) {
	off := start
	var reason error
	// All streams begin before any goes on (RFC 3533 section 4).
	for range 64 {
		p, err := readOggPage(w, off)
		if err != nil {
			return nil, notEnd("ogg", err)
		}
		if p.flags&2 == 0 {
			break
		}
		o := &oggWalker{w: w, serial: p.serial, off: off}
		first, err := o.packet()
		if err != nil {
			return nil, notEnd("ogg", err)
		}
		head := make([]byte, min(first.size, 4096))
		if _, err := o.ReadAt(head, first.off); err != nil && !errors.Is(err, io.EOF) {
			return nil, readError("ogg", err)
		}
		switch {
		case strings.HasPrefix(string(head), "OpusHead"):
			return opusFile(o, head)
		case strings.HasPrefix(string(head), "\x01vorbis"):
			return vorbisFile(o, head)
		case strings.HasPrefix(string(head), "\x7FFLAC"):
			return oggFLACFile(o, head)
		}
		reason = errorf(ErrUnsupported, "ogg: a stream of an unknown codec")
		off = p.end()
	}
	if reason == nil {
		reason = errorf(ErrCorrupt, "ogg: no stream begins")
	}
	return nil, reason
}

func notEnd(what string, err error) error {
	if errors.Is(err, io.EOF) {
		return errorf(ErrCorrupt, "%s: file ends early", what)
	}
	return err
}

// opusFile reads an OpusHead (RFC 7845 section 5.1) and steps over OpusTags.
func opusFile(o *oggWalker, head []byte) (*File, error) {
	if len(head) < 19 || head[8]>>4 != 0 {
		return nil, errorf(ErrCorrupt, "opus: bad OpusHead")
	}
	cfg := CodecConfig{
		Codec: CodecOpus, Rate: 48000, Channels: int(head[9]), Header: head,
		PreSkip: int64(binary.LittleEndian.Uint16(head[10:])), Samples: -1,
	}
	if cfg.Channels == 0 {
		return nil, errorf(ErrCorrupt, "opus: no channels")
	}
	tags, err := o.packet()
	if err != nil {
		return nil, notEnd("opus", err)
	}
	var b [8]byte
	if n, _ := o.ReadAt(b[:], tags.off); string(b[:n]) != "OpusTags" {
		return nil, errorf(ErrCorrupt, "opus: no OpusTags")
	}
	first := o.off
	last := o.lastGranule()
	o.dur = opusDuration
	f := &File{ReaderAt: o, cfg: cfg, walk: o}
	if last < 0 {
		return f, nil
	}
	base, err := opusBase(f, o, first)
	if err != nil {
		return nil, err
	}
	f.cfg.Samples = max(last-base-cfg.PreSkip, 0)
	return f, nil
}

// opusBase returns the granule position at which the stream's first packet
// begins: 0, unless the file was cut from a running stream (RFC 7845 section
// 4.5). An end trim makes the first page's granule smaller than its packets:
// then it is 0 too.
func opusBase(f *File, o *oggWalker, first int64) (int64, error) {
	p, err := nextOggPage(o.w, first)
	for err == nil && (p.serial != o.serial || p.granule < 0) {
		p, err = nextOggPage(o.w, p.end())
	}
	if errors.Is(err, io.EOF) {
		return 0, errorf(ErrCorrupt, "opus: no audio")
	}
	if err != nil {
		return 0, err
	}
	for o.off < p.end() && f.Grow() == nil {
	}
	for len(o.queue) > 0 && f.Grow() == nil {
	}
	return max(p.granule-f.total, 0), nil
}

// opusDuration reads a packet's length in samples at 48 kHz from its first
// bytes (RFC 6716 section 3.1); 0 for a packet that cannot be.
func opusDuration(b []byte) uint32 {
	if len(b) == 0 {
		return 0
	}
	config := b[0] >> 3
	var one uint32
	switch {
	case config < 12: // SILK: 10, 20, 40, 60 ms
		one = [4]uint32{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10, 20 ms
		one = [2]uint32{480, 960}[config&1]
	default: // CELT: 2.5, 5, 10, 20 ms
		one = 120 << (config & 3)
	}
	n := uint32(1)
	switch b[0] & 3 {
	case 1, 2:
		n = 2
	case 3:
		if len(b) < 2 {
			return 0
		}
		n = uint32(b[1] & 0x3F)
	}
	if n*one > 5760 {
		return 0
	}
	return n * one
}

// vorbisFile describes a Vorbis stream (Vorbis I section 4.2.2). Its packets'
// durations hide in the codec's set-up, so it is not cut into frames here.
func vorbisFile(o *oggWalker, head []byte) (*File, error) {
	if len(head) < 30 || head[11] == 0 || binary.LittleEndian.Uint32(head[12:]) == 0 {
		return nil, errorf(ErrCorrupt, "vorbis: bad identification header")
	}
	cfg := CodecConfig{
		Codec: CodecVorbis, Channels: int(head[11]),
		Rate: int(binary.LittleEndian.Uint32(head[12:])), Samples: o.lastGranule(),
	}
	return &File{ReaderAt: o, cfg: cfg, walk: uncut("vorbis in ogg")}, nil
}

// oggFLACFile describes FLAC in Ogg (RFC 9639 section 10.1); it is not cut
// either.
func oggFLACFile(o *oggWalker, head []byte) (*File, error) {
	if len(head) < 13+4+flacInfoSize {
		return nil, errorf(ErrCorrupt, "flac: bad mapping into ogg")
	}
	info, err := parseStreamInfo(head[17:])
	if err != nil {
		return nil, err
	}
	cfg := CodecConfig{
		Codec: CodecFLAC, Rate: info.rate, Channels: info.channels, Bits: info.bits,
		Samples: o.lastGranule(),
	}
	return &File{ReaderAt: o, cfg: cfg, walk: uncut("flac in ogg")}, nil
}

// uncut is the walker of what is described but not cut into frames.
type uncut string

func (u uncut) next() (frame, error) {
	return frame{}, errorf(ErrUnsupported, "%s is not cut into frames", string(u))
}
