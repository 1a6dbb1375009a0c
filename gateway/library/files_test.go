package library

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wav returns a WAVE file of silence with a text in an INFO list.
func wav(title string, frames int, chunks ...[]byte) []byte {
	var info []byte
	if title != "" {
		info = chunk("LIST", append([]byte("INFO"), chunk("INAM", []byte(title))...))
	}
	format := []byte{1, 0, 2, 0, 0x44, 0xAC, 0, 0, 0x10, 0xB1, 2, 0, 4, 0, 16, 0}
	body := append([]byte("WAVE"), chunk("fmt ", format)...)
	body = append(body, info...)
	for _, c := range chunks {
		body = append(body, c...)
	}
	samples := make([]byte, 4*frames)
	copy(samples[len(samples)/2:], title) // so that no two sound alike
	return chunk("RIFF", append(body, chunk("data", samples)...))
}

func chunk(kind string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// flacFile returns a FLAC file of a fifth of a second: its header, the comments, a
// picture, and frames that sound different for every seed.
func flacFile(comments []string, picture []byte, seed byte) []byte {
	header, frames := flacSound(seed)
	return flacWith(comments, picture, header, frames)
}

func flacWith(comments []string, picture, header, frames []byte) []byte {
	b := bytes.Clone(header)
	b[4] &= 0x7F // more blocks follow
	if picture != nil {
		p := binary.BigEndian.AppendUint32(nil, 3)
		p = binary.BigEndian.AppendUint32(p, 10)
		p = append(p, "image/jpeg"...)
		p = append(p, make([]byte, 20)...)
		p = binary.BigEndian.AppendUint32(p, uint32(len(picture)))
		p = append(p, picture...)
		b = append(b, 6, byte(len(p)>>16), byte(len(p)>>8), byte(len(p)))
		b = append(b, p...)
	}
	c := binary.LittleEndian.AppendUint32(nil, 1)
	c = append(c, 'x')
	c = binary.LittleEndian.AppendUint32(c, uint32(len(comments)))
	for _, s := range comments {
		c = binary.LittleEndian.AppendUint32(c, uint32(len(s)))
		c = append(c, s...)
	}
	b = append(b, 0x84, byte(len(c)>>16), byte(len(c)>>8), byte(len(c)))
	return append(append(b, c...), frames...)
}

const soundFrames = 44100 / 5

// flacSound returns the header and the frames of a fifth of a second of quiet noise.
func flacSound(seed byte) (header, frames []byte) {
	enc := must(audio.NewEncoder(audio.Format{Codec: audio.FLAC, Rate: 44100, Channels: 2, Bits: 16}))
	rnd := rand.New(rand.NewPCG(uint64(seed), 0))
	pcm := make([]float32, 2*soundFrames)
	for i := range pcm {
		pcm[i] = (rnd.Float32() - 0.5) / 1000
	}
	for _, f := range append(must(enc.Encode(pcm)), must(enc.Flush())...) {
		frames = append(frames, f.Data...)
	}
	header = bytes.Clone(enc.Stream().Header)
	info := header[8:42] // RFC 9639 section 8.2: here the number of samples goes in
	binary.BigEndian.PutUint32(info[14:], soundFrames)
	return header[:42], frames
}

// picture returns a square JPEG or PNG of one colour.
func picture(size int, c color.Color, asPNG bool) []byte {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for i := range size * size {
		img.Set(i%size, i/size, c)
	}
	var b bytes.Buffer
	var err error
	if asPNG {
		err = png.Encode(&b, img)
	} else {
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		panic(err)
	}
	return b.Bytes()
}

func put(t testing.TB, dir, rel string, content []byte) string {
	t.Helper()
	name := filepath.Join(dir, filepath.FromSlash(rel))
	check(t, os.MkdirAll(filepath.Dir(name), 0o755))
	check(t, os.WriteFile(name, content, 0o644))
	return name
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// fixture is a library over music folders, scanned when a test says so.
type fixture struct {
	*Library
	store *store.Store
	data  string
	t     testing.TB
}

func newFixture(t testing.TB, roots ...string) *fixture {
	t.Helper()
	return fixtureIn(t, t.TempDir(), AudioProber{}, roots...)
}

func fixtureIn(t testing.TB, data string, p Prober, roots ...string) *fixture {
	t.Helper()
	s := must(store.Open(context.Background(), store.Config{Dir: data}))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		check(t, <-ended)
		check(t, s.Close())
	})
	l := must(New(Config{Store: s, Roots: roots, Data: data, Prober: p}))
	return &fixture{Library: l, store: s, data: data, t: t}
}

// again scans, and returns what is in the library by title.
func (f *fixture) again() map[string]store.Track {
	f.t.Helper()
	f.scan(context.Background())
	out := map[string]store.Track{}
	check(f.t, f.store.EachTrack(context.Background(), func(t store.Track) error { out[t.Title] = t; return nil }))
	return out
}

// reasons returns the scan report by the path relative to a folder.
func (f *fixture) reasons(root string) map[string]string {
	out := map[string]string{}
	for _, p := range f.Report() {
		rel, err := filepath.Rel(root, p.Path)
		check(f.t, err)
		out[rel] = p.Reason.String()
	}
	return out
}

// wavProber takes RIFF files and nothing else, and counts them.
type wavProber struct{ asked *counter }

type counter struct{ v atomic.Int32 }

func (c *counter) n() int { return int(c.v.Load()) }

func (p wavProber) Probe(r io.ReaderAt, _ int64, _ string) (Sound, error) {
	if p.asked != nil {
		p.asked.v.Add(1)
	}
	b := make([]byte, 4)
	if _, err := r.ReadAt(b, 0); err != nil || string(b) != "RIFF" {
		return Sound{}, errors.New("no audio")
	}
	return Sound{Codec: "pcm", Rate: 44100, Channels: 2, Bits: 16, Duration: time.Second}, nil
}
