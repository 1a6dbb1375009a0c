package container_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/container"
)

func open(t *testing.T, b []byte) container.Track {
	t.Helper()
	tr, err := container.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// durations adds up a track's frames and checks that all of them can be read.
func durations(t *testing.T, tr container.Track) (sum int64) {
	t.Helper()
	for i := range tr.NumFrames() {
		off, size, dur := tr.Frame(i)
		b := make([]byte, size)
		if n, err := tr.ReadAt(b, off); n < size {
			t.Fatalf("frame %d of %d bytes at %d: %d, %v", i, size, off, n, err)
		}
		sum += int64(dur)
	}
	return sum
}

func TestOpen(t *testing.T) {
	smpb := " 00000000 00000840 000001CA 0000000000000A00 00000000"
	for _, c := range []struct {
		name   string
		file   []byte
		codec  string
		frames int
		total  int64
		skip   int64
		length int64
	}{
		{"flac", flacFile(8200, 4096, 4096, 8), "flac", 3, 8200, 0, 8200},
		{"flac of unknown length", flacFile(0, 4096, 100), "flac", 2, 4196, 0, 4196},
		{"flac with an ID3 tag in front", append([]byte("ID3\x03\x00\x00\x00\x00\x00\x02ab"), flacFile(16, 16)...), "flac", 1, 16, 0, 16},
		{"flac with an ID3v1 tag behind", append(flacFile(16, 16), append([]byte("TAG"), make([]byte, 125)...)...), "flac", 1, 16, 0, 16},
		{"opus", opusFileBytes(2500), "opus", 3, 2880, 312, 2188},
		{"opus cut from a running stream", opusFileBytes(2880), "opus", 3, 2880, 312, 2568},
		{"mp3 with a LAME tag", mp3Bytes(10, true), "mp3", 10, 11520, 576 + 529, 11520 - 576 - 1024},
		{"mp3 without any", mp3Bytes(10, false), "mp3", 10, 11520, 0, 11520},
		{"wav", wavBytes(1, 2, 16, 5000, 20000), "pcm", 2, 5000, 0, 5000},
		{"wav of 24 bits, extensible", wavBytes(0xFFFE, 2, 24, 100, 600), "pcm", 1, 100, 0, 100},
		{"wav that claims too much", wavBytes(1, 1, 8, 100, 0xFFFFFFFF), "pcm", 1, 100, 0, 100},
		{"wav of floats", wavBytes(3, 2, 32, 100, 800), "pcm", 1, 100, 0, 100},
		{"m4a with an edit list", m4aBytes(""), "aac", 5, 5096, 1024, 3969},
		{"m4a with iTunSMPB", m4aBytes(smpb), "aac", 5, 5096, 0x840, 5096 - 0x840 - 0x1CA},
		{"adts", adtsBytes(7), "aac", 7, 7168, 0, 7168},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := open(t, c.file)
			cfg := tr.Config()
			if cfg.Codec != c.codec || tr.NumFrames() != c.frames {
				t.Errorf("%s of %d frames, want %s of %d", cfg.Codec, tr.NumFrames(), c.codec, c.frames)
			}
			if got := durations(t, tr); got != c.total {
				t.Errorf("%d samples in all, want %d", got, c.total)
			}
			if cfg.PreSkip != c.skip || cfg.Samples != c.length {
				t.Errorf("skips %d and plays %d, want %d and %d", cfg.PreSkip, cfg.Samples, c.skip, c.length)
			}
			if cfg.PreSkip+cfg.Samples+cfg.Padding != c.total {
				t.Errorf("%d + %d + %d is not %d", cfg.PreSkip, cfg.Samples, cfg.Padding, c.total)
			}
		})
	}
}

func TestPacketOverPages(t *testing.T) {
	tr := open(t, opusFileBytes(2880))
	off, size, _ := tr.Frame(1)
	b := make([]byte, size)
	if _, err := tr.ReadAt(b, off); err != nil {
		t.Fatal(err)
	}
	if size != 600 || !bytes.Equal(b, bytes.Repeat([]byte{0xFC}, 600)) {
		t.Errorf("the packet of two pages came out as %d bytes", size)
	}
}

func TestFLACFrames(t *testing.T) {
	file := flacFile(0, 4096, 17, 4096)
	tr := open(t, file)
	off := int64(len(file) - len(flacFrame(4113, 4096)) - len(flacFrame(4096, 17)))
	if got, size, dur := tr.Frame(1); got != off || size != len(flacFrame(4096, 17)) || dur != 17 {
		t.Errorf("frame 1: %d bytes at %d, %d samples", size, got, dur)
	}
	if h := tr.Config().Header; len(h) != 42 || string(h[:4]) != "fLaC" || h[4] != 0x80 {
		t.Errorf("header % x", h)
	}
}

func TestFLACDamage(t *testing.T) {
	file := flacFile(0, 1000, 1000, 1000, 1000)
	file[len(file)/2-700] ^= 0x55
	tr := open(t, file)
	if tr.NumFrames() != 4 || durations(t, tr) != 4000 {
		t.Errorf("%d frames of %d samples out of a damaged file", tr.NumFrames(), durations(t, tr))
	}
}

func TestMP3Junk(t *testing.T) {
	whole := mp3Bytes(10, false)
	at := 20 + 5*417
	file := append(bytes.Clone(whole[:at]), "some junk \xFF\xFB\x90\x00 between"...)
	file = append(file, whole[at:]...)
	if n := open(t, file).NumFrames(); n != 10 {
		t.Errorf("%d frames, want 10", n)
	}
}

func TestProbeReadsLittle(t *testing.T) {
	file := flacFile(0, bytesOf(4096, 200)...)
	r := &counting{r: bytes.NewReader(file)}
	f, err := container.Probe(r, int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if r.n > 200<<10 {
		t.Errorf("probing read %d of %d bytes", r.n, len(file))
	}
	i, err := f.At(4096*3 + 5)
	if err != nil || i != 3 {
		t.Errorf("sample in frame %d, %v", i, err)
	}
	if _, err := f.At(1 << 40); !errors.Is(err, io.EOF) {
		t.Errorf("a sample behind the end: %v", err)
	}
}

// TestFLACSeek looks for samples far apart in a file that was only probed.
func TestFLACSeek(t *testing.T) {
	const block, blocks = 4096, 200
	file := flacFile(0, bytesOf(block, blocks)...)
	whole := open(t, file)
	f, err := container.Probe(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{150, 3, 199, 0, 100, 101, 198, 60} {
		i, err := f.At(int64(n)*block + 77)
		if err != nil || f.Start(i) != int64(n)*block {
			t.Fatalf("block %d: frame %d begins with sample %d, %v", n, i, f.Start(i), err)
		}
		off, size, _ := f.Frame(i)
		if o, s, _ := whole.Frame(n); off != o || size != s {
			t.Errorf("block %d: %d bytes at %d, want %d at %d", n, size, off, s, o)
		}
	}
	if _, err := f.At(block * blocks); !errors.Is(err, io.EOF) {
		t.Errorf("behind the end: %v", err)
	}
	if err := f.Index(); err != nil || f.NumFrames() != blocks {
		t.Errorf("%d frames after seeking, %v", f.NumFrames(), err)
	}
}

func bytesOf(v, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = v
	}
	return out
}

type counting struct {
	r io.ReaderAt
	n int
}

func (c *counting) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(b, off)
	c.n += n
	return n, err
}

func TestRefused(t *testing.T) {
	noInfo := flacFile(16, 16)
	noInfo[4] = 4
	impossible := flacFile(1<<36-1, 16)
	badPage := opusFileBytes(2880)
	badPage[40] ^= 1
	for _, c := range []struct {
		name string
		file []byte
		want error
	}{
		{"empty", nil, container.ErrCorrupt},
		{"three bytes", []byte("RIF"), container.ErrCorrupt},
		{"text", bytes.Repeat([]byte("all work and no play\n"), 500), container.ErrUnknown},
		{"zeros", make([]byte, 100_000), container.ErrUnknown},
		{"flac without STREAMINFO", noInfo, container.ErrCorrupt},
		{"flac that claims a week in 100 bytes", impossible, container.ErrCorrupt},
		{"flac without frames", flacFile(0), container.ErrCorrupt},
		{"wav without samples", wavBytes(1, 2, 16, 0, 0)[:60], container.ErrCorrupt},
		{"wav of 12 bits", wavBytes(1, 2, 12, 10, 30), container.ErrUnsupported},
		{"ogg with a bad checksum", badPage, container.ErrCorrupt},
		{"mp4 without a moov", m4aBytes("")[:80], container.ErrCorrupt},
		{"ID3 tag beyond the end", []byte("ID3\x04\x00\x00\x7F\x7F\x7F\x7Fabc"), container.ErrCorrupt},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := container.Open(bytes.NewReader(c.file), int64(len(c.file)))
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// TestTruncated cuts every file everywhere: what comes out is an error or a
// track whose frames are all there.
func TestTruncated(t *testing.T) {
	for name, file := range files() {
		for n := 0; n < len(file); n += 1 + len(file)/400 {
			tr, err := container.Open(bytes.NewReader(file[:n]), int64(n))
			if err != nil {
				continue
			}
			if durations(t, tr) == 0 {
				t.Errorf("%s cut to %d bytes: a track without sound", name, n)
			}
		}
		// A size that is not the file's.
		if tr, err := container.Open(bytes.NewReader(file), int64(len(file)*10)); err == nil && tr.NumFrames() == 0 {
			t.Errorf("%s of a wrong size: no frames", name)
		}
	}
}

func files() map[string][]byte {
	return map[string][]byte{
		"flac": flacFile(300, 100, 100, 100),
		"opus": opusFileBytes(2500),
		"mp3":  mp3Bytes(5, true),
		"wav":  wavBytes(0xFFFE, 2, 24, 100, 600),
		"m4a":  m4aBytes(" 0 840 1CA A00"),
		"adts": adtsBytes(5),
	}
}
