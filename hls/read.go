package hls

import (
	"encoding/binary"
	"fmt"
)

// ReadInit reads a media initialisation section with one audio track: what
// initSegment writes, and what other packagers write with the same codecs. It
// returns ErrBox for bytes that are none, ErrCodec for a codec that it does not
// know, both wrapped.
func ReadInit(data []byte) (CodecConfig, error) {
	var c CodecConfig
	in := initReader{c: &c}
	if err := in.walk(data); err != nil {
		return CodecConfig{}, err
	}
	if in.tracks != 1 {
		return CodecConfig{}, fmt.Errorf("%w: %d tracks, want one", ErrBox, in.tracks)
	}
	if c.Codec == "alac" && len(c.Header) >= alacCookieSize {
		c.Bits = int(c.Header[5]) // the cookie knows better than the sample entry
	}
	if c.Codec == "opus" || c.Codec == "aac" || c.Codec == "mp3" {
		c.Bits = 0
	}
	return c, c.check()
}

type initReader struct {
	c      *CodecConfig
	tracks int
}

func (in *initReader) walk(data []byte) error {
	return boxes(data, func(kind string, body []byte, _ int) error {
		switch kind {
		case "trak":
			in.tracks++
			return in.walk(body)
		case "moov", "mdia", "minf", "stbl", "edts":
			return in.walk(body)
		case "mdhd":
			return in.mediaHeader(body)
		case "elst":
			return in.editList(body)
		case "stsd":
			return in.descriptions(body)
		}
		return nil
	})
}

func (in *initReader) mediaHeader(body []byte) error {
	r := &boxReader{b: body}
	if version, _ := r.full(); version == 1 {
		r.take(16)
	} else {
		r.take(8)
	}
	in.c.Rate = int(r.u32())
	return r.err("mdhd")
}

func (in *initReader) editList(body []byte) error {
	r := &boxReader{b: body}
	version, _ := r.full()
	if n := r.u32(); n != 1 {
		return fmt.Errorf("%w: %d edits, want one", ErrBox, n)
	}
	if version == 1 {
		r.u64()
		in.c.PreSkip = int64(r.u64())
	} else {
		r.u32()
		in.c.PreSkip = int64(int32(r.u32()))
	}
	return r.err("elst")
}

func (in *initReader) descriptions(body []byte) error {
	r := &boxReader{b: body}
	r.full()
	if n := r.u32(); r.short || n != 1 {
		return fmt.Errorf("%w: %d sample descriptions, want one", ErrBox, n)
	}
	return boxes(r.b, func(kind string, entry []byte, _ int) error {
		codec, ok := map[string]string{"fLaC": "flac", "Opus": "opus", "alac": "alac", "mp4a": "aac"}[kind]
		if !ok {
			return fmt.Errorf("%w: sample entry %q", ErrCodec, kind)
		}
		in.c.Codec = codec
		e := &boxReader{b: entry}
		e.take(16)
		in.c.Channels = int(e.u16())
		in.c.Bits = int(e.u16())
		e.take(8)
		if err := e.err(kind); err != nil {
			return err
		}
		return boxes(e.b, in.codecBox)
	})
}

func (in *initReader) codecBox(kind string, body []byte, _ int) error {
	r := &boxReader{b: body}
	switch kind {
	case "dfLa":
		r.full()
		if len(r.b) < flacHeaderSize-4 {
			return fmt.Errorf("%w: dfLa of %d bytes", ErrBox, len(body))
		}
		in.c.Header = append([]byte("fLaC"), r.b[:flacHeaderSize-4]...)
		in.c.Header[4] |= 0x80 // the last block
	case "dOps":
		in.c.Header = opusHead(r)
	case "alac":
		r.full()
		in.c.Header = append([]byte(nil), r.b...)
	case "esds":
		r.full()
		return in.esDescriptor(r.b)
	}
	return r.err(kind)
}

// opusHead turns a dOps box back into the packet that it was made from (RFC
// 7845 section 5.1): the same fields, with the bytes the other way round.
func opusHead(r *boxReader) []byte {
	head := []byte("OpusHead\x01")
	r.u8()
	head = append(head, r.u8())
	head = binary.LittleEndian.AppendUint16(head, r.u16())
	head = binary.LittleEndian.AppendUint32(head, r.u32())
	head = binary.LittleEndian.AppendUint16(head, r.u16())
	return append(head, r.u8())
}

// esDescriptor walks the descriptors of an esds box (ISO/IEC 14496-1 section
// 7.2.6): a tag, a length in groups of seven bits, a body.
func (in *initReader) esDescriptor(data []byte) error {
	r := &boxReader{b: data}
	for len(r.b) > 0 {
		tag, size := r.u8(), 0
		for more := true; more; {
			b := r.u8()
			size = size<<7 | int(b&0x7f)
			more = b&0x80 != 0 && size < 1<<16
		}
		if r.short || size > len(r.b) {
			return fmt.Errorf("%w: an esds descriptor is cut off", ErrBox)
		}
		switch tag {
		case 0x03: // its descriptors follow
			r.take(2)
			if flags := r.u8(); flags&0xe0 != 0 {
				return fmt.Errorf("%w: ES descriptor with flags %#x", ErrBox, flags)
			}
		case 0x04:
			if object := r.u8(); object == objectMP3 || object == objectMP3LSF {
				in.c.Codec = "mp3"
			} else if object != objectAAC {
				return fmt.Errorf("%w: MPEG-4 object %#x", ErrCodec, object)
			}
			r.take(12)
		case 0x05:
			in.c.Header = append([]byte(nil), r.take(size)...)
		default:
			r.take(size)
		}
	}
	return r.err("esds")
}

// FragmentFrame is one coded frame of a fragment.
type FragmentFrame struct {
	Offset   int    // of its first byte, in what was read
	Size     int    // bytes
	Duration uint32 // samples
}

// Fragment is one movie fragment: a moof and the mdat behind it.
type Fragment struct {
	Sequence uint32
	Time     int64 // decode time of the first frame, in samples
	Frames   []FragmentFrame
}

// ReadFragments reads whole fragments, as they stand in a part or a segment; a
// box of another kind is passed over. It returns ErrBox, wrapped, where the
// bytes contradict themselves: every frame lies within data.
func ReadFragments(data []byte) ([]Fragment, error) {
	var out []Fragment
	err := boxes(data, func(kind string, body []byte, at int) error {
		if kind != "moof" {
			return nil
		}
		f, err := readFragment(body, at-8, len(data))
		out = append(out, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// fragmentReader reads a moof that stands at a place among so many bytes.
type fragmentReader struct {
	f              Fragment
	at, limit      int
	duration, size uint32 // of frames that say nothing else
}

func readFragment(moof []byte, at, limit int) (Fragment, error) {
	fr := &fragmentReader{at: at, limit: limit}
	err := boxes(moof, func(kind string, body []byte, _ int) error {
		switch kind {
		case "mfhd":
			r := &boxReader{b: body}
			r.full()
			fr.f.Sequence = r.u32()
			return r.err(kind)
		case "traf":
			return boxes(body, fr.track)
		}
		return nil
	})
	return fr.f, err
}

func (fr *fragmentReader) track(kind string, body []byte, _ int) error {
	r := &boxReader{b: body}
	version, flags := r.full()
	switch kind {
	case "tfhd":
		r.u32()
		r.skip(flags, 0x01, 8)
		r.skip(flags, 0x02, 4)
		if flags&0x08 != 0 {
			fr.duration = r.u32()
		}
		if flags&0x10 != 0 {
			fr.size = r.u32()
		}
		r.skip(flags, 0x20, 4)
	case "tfdt":
		if version == 1 {
			fr.f.Time = int64(r.u64())
		} else {
			fr.f.Time = int64(r.u32())
		}
		if fr.f.Time < 0 {
			return fmt.Errorf("%w: decode time %d", ErrBox, fr.f.Time)
		}
	case "trun":
		return fr.run(r, flags)
	}
	return r.err(kind)
}

// skip passes over a field that a flag says is there.
func (r *boxReader) skip(flags, flag uint32, size int) {
	if flags&flag != 0 {
		r.take(size)
	}
}

func (fr *fragmentReader) run(r *boxReader, flags uint32) error {
	n := r.u32()
	if flags&1 == 0 || n > maxTableFrames {
		return fmt.Errorf("%w: a run of %d frames with flags %#x", ErrBox, n, flags)
	}
	offset := fr.at + int(int32(r.u32()))
	r.skip(flags, 0x04, 4)
	for range n {
		frame := FragmentFrame{Offset: offset, Size: int(fr.size), Duration: fr.duration}
		if flags&0x100 != 0 {
			frame.Duration = r.u32()
		}
		if flags&0x200 != 0 {
			frame.Size = int(r.u32())
		}
		r.skip(flags, 0x400, 4)
		r.skip(flags, 0x800, 4)
		if r.short || frame.Offset < 0 || frame.Size > fr.limit-frame.Offset {
			return fmt.Errorf("%w: frame %d lies outside", ErrBox, len(fr.f.Frames))
		}
		fr.f.Frames = append(fr.f.Frames, frame)
		offset += frame.Size
	}
	return r.err("trun")
}
