package container

import (
	"encoding/binary"
	"io"
)

// Wave format tags (RFC 2361, and WAVE_FORMAT_EXTENSIBLE from Microsoft's
// mmreg.h).
const (
	wavPCM        = 0x0001
	wavFloat      = 0x0003
	wavExtensible = 0xFFFE
)

// wavFrame is how many samples a frame of a WAV track has.
const wavFrame = 4096

func isWAV(b []byte) bool {
	return len(b) >= 12 && string(b[8:12]) == "WAVE" &&
		(string(b[:4]) == "RIFF" || string(b[:4]) == "RF64")
}

// probeWAV reads the chunks up to the samples. Sizes that claim more than the
// file has are common (streams, crashed recorders) and are cut to the file.
func probeWAV(w *window, start int64) (*File, error) {
	off := start + 12
	var cfg *CodecConfig
	var long int64 = -1 // the data size of an RF64 file
	for range 1024 {
		b, err := w.full(off, 8)
		if err != nil {
			return nil, err
		}
		id, size := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		body := off + 8
		switch id {
		case "ds64":
			b, err := w.full(body, 16)
			if err != nil {
				return nil, err
			}
			long = int64(binary.LittleEndian.Uint64(b[8:]) & (1<<62 - 1))
		case "fmt ":
			b, err := w.full(body, int(min(max(size, 16), 40)))
			if err != nil {
				return nil, err
			}
			if cfg, err = parseWAVFormat(b); err != nil {
				return nil, err
			}
		case "data":
			if cfg == nil {
				return nil, errorf(ErrCorrupt, "wav: samples before their format")
			}
			if size == 0xFFFFFFFF && long >= 0 {
				size = long
			}
			return wavFile(w, *cfg, body, min(size, w.size-body)), nil
		}
		off = body + size + size&1
	}
	return nil, errorf(ErrCorrupt, "wav: no samples")
}

func parseWAVFormat(b []byte) (*CodecConfig, error) {
	tag := binary.LittleEndian.Uint16(b)
	cfg := &CodecConfig{
		Codec:    CodecPCM,
		Channels: int(binary.LittleEndian.Uint16(b[2:])),
		Rate:     int(binary.LittleEndian.Uint32(b[4:])),
		Bits:     int(binary.LittleEndian.Uint16(b[14:])),
		Samples:  -1,
	}
	block := int(binary.LittleEndian.Uint16(b[12:]))
	if tag == wavExtensible {
		if len(b) < 40 {
			return nil, errorf(ErrCorrupt, "wav: short extensible format")
		}
		// The first two bytes of the sub-format's GUID are the old tag.
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	switch {
	case tag == wavPCM && cfg.Bits == 8:
		cfg.Unsigned = true
	case tag == wavPCM && (cfg.Bits == 16 || cfg.Bits == 24 || cfg.Bits == 32):
	case tag == wavFloat && (cfg.Bits == 32 || cfg.Bits == 64):
		cfg.Float = true
	default:
		return nil, errorf(ErrUnsupported, "wav: format %#x of %d bits", tag, cfg.Bits)
	}
	if cfg.Rate < 1000 || cfg.Rate > 1<<20 || cfg.Channels < 1 || cfg.Channels > 64 || block != cfg.Channels*cfg.Bits/8 {
		return nil, errorf(ErrCorrupt, "wav: %d Hz, %d channels, blocks of %d bytes", cfg.Rate, cfg.Channels, block)
	}
	return cfg, nil
}

func wavFile(w *window, cfg CodecConfig, off, size int64) *File {
	block := int64(cfg.Channels * cfg.Bits / 8)
	cfg.Samples = size / block
	return &File{ReaderAt: w.r, cfg: cfg, walk: &wavWalker{off: off, left: cfg.Samples, block: block}}
}

// wavWalker cuts the samples into pieces of wavFrame.
type wavWalker struct {
	off, left, block int64
}

func (w *wavWalker) next() (frame, error) {
	if w.left <= 0 {
		return frame{}, io.EOF
	}
	n := min(w.left, wavFrame)
	fr := frame{off: w.off, size: uint32(n * w.block), dur: uint32(n)}
	w.off += n * w.block
	w.left -= n
	return fr, nil
}
