package hls

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

// readable are configurations of every codec that is packaged.
func readable() []CodecConfig {
	opus := append([]byte("OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00"), 0, 0, 0)
	alac := append([]byte{0, 0, 16, 0, 0, 24, 40, 10, 14, 2, 0, 255}, make([]byte, 12)...)
	return []CodecConfig{
		flacConfig(),
		{Codec: "opus", Rate: 48000, Channels: 2, Header: opus, PreSkip: 312},
		{Codec: "aac", Rate: 44100, Channels: 2, Header: []byte{0x12, 0x10}, PreSkip: 1024},
		{Codec: "alac", Rate: 96000, Channels: 2, Bits: 24, Header: alac},
		{Codec: "mp3", Rate: 44100, Channels: 2, PreSkip: 1105},
		{Codec: "mp3", Rate: 22050, Channels: 1},
	}
}

func TestInitReadsBack(t *testing.T) {
	for _, c := range readable() {
		got, err := ReadInit(initSegment(c))
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%s came back as %+v (%v), was %+v", c.Codec, got, err, c)
		}
	}
}

func TestFragmentReadsBack(t *testing.T) {
	frames := []frame{{[]byte("one"), 960}, {[]byte("three"), 960}, {[]byte("x"), 7}}
	data := append(fragment(7, 1<<40, frames), fragment(8, 1<<40+1927, frames[:1])...)
	got, err := ReadFragments(data)
	if err != nil || len(got) != 2 || got[0].Sequence != 7 || got[0].Time != 1<<40 || got[1].Time != 1<<40+1927 {
		t.Fatalf("%+v %v", got, err)
	}
	for i, f := range got[0].Frames {
		if !bytes.Equal(data[f.Offset:f.Offset+f.Size], frames[i].data) || f.Duration != frames[i].duration {
			t.Errorf("frame %d: %+v", i, f)
		}
	}
}

func TestBrokenBoxes(t *testing.T) {
	head := initSegment(flacConfig())
	media := fragment(1, 0, []frame{{[]byte("frame"), 4096}})
	for i := range head {
		if _, err := ReadInit(head[:i]); err == nil {
			t.Fatalf("%d bytes of %d were taken for an init section", i, len(head))
		}
	}
	for i := 1; i < len(media); i++ {
		if _, err := ReadFragments(media[:i]); !errors.Is(err, ErrBox) {
			t.Fatalf("%d bytes of %d: %v", i, len(media), err)
		}
	}
}

func FuzzReadInit(f *testing.F) {
	for _, c := range readable() {
		f.Add(initSegment(c))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ReadInit(data)
		if err != nil {
			return
		}
		// What was understood is written, and understood as the same.
		again, err := ReadInit(initSegment(c))
		if err != nil || again.Codec != c.Codec || again.Rate != c.Rate || again.Channels != c.Channels || again.PreSkip != c.PreSkip {
			t.Errorf("%+v became %+v (%v)", c, again, err)
		}
	})
}

func FuzzReadFragments(f *testing.F) {
	f.Add(fragment(1, 0, []frame{{[]byte("frame"), 4096}, {[]byte("other"), 4096}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		fragments, err := ReadFragments(data)
		if err != nil {
			return
		}
		for _, fr := range fragments {
			for _, frame := range fr.Frames {
				_ = data[frame.Offset : frame.Offset+frame.Size]
			}
		}
	})
}

// Whatever frames are written come back: sizes, durations and bytes.
func FuzzWriteFragment(f *testing.F) {
	f.Add([]byte("some bytes that become frames"), uint32(3), int64(1<<33), uint32(960))
	f.Fuzz(func(t *testing.T, data []byte, sequence uint32, base int64, dur uint32) {
		base &= 1<<62 - 1
		var frames []frame
		for i := 0; i < len(data); i += 1 + int(data[i]%16) {
			frames = append(frames, frame{data: data[i:min(len(data), i+1+int(data[i]%16))], duration: dur})
		}
		out := fragment(sequence, base, frames)
		got, err := ReadFragments(out)
		if err != nil || len(got) != 1 || len(got[0].Frames) != len(frames) || got[0].Time != base {
			t.Fatalf("%+v %v", got, err)
		}
		for i, fr := range got[0].Frames {
			if !bytes.Equal(out[fr.Offset:fr.Offset+fr.Size], frames[i].data) || fr.Duration != dur {
				t.Fatalf("frame %d of %d: %+v", i, len(frames), fr)
			}
		}
	})
}

func FuzzMediaName(f *testing.F) {
	f.Add("12.3.t0k.m4s")
	f.Add("0.t0k.m4s")
	f.Add("..t0k.m4s")
	f.Fuzz(func(t *testing.T, name string) {
		msn, part, ok := mediaName(name, "t0k")
		if !ok {
			return
		}
		w := &playlistWriter{}
		w.int(int64(msn))
		if part >= 0 {
			w.text(".")
			w.int(int64(part))
		}
		if got := string(w.buf) + ".t0k.m4s"; got != name {
			t.Errorf("%q was taken for %q", name, got)
		}
	})
}

func FuzzDirectives(f *testing.F) {
	f.Add("_HLS_msn=5&_HLS_part=2&_HLS_skip=YES")
	f.Add("_HLS_part=1")
	f.Fuzz(func(t *testing.T, query string) {
		d, err := readDirectives(query)
		if err == nil && (d.part < -1 || d.part > 1<<16 || d.part >= 0 && !d.blocking) {
			t.Errorf("%q: %+v", query, d)
		}
	})
}
