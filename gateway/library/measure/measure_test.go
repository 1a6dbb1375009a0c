package measure

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/jumpgate-audio/jumpgate/gateway/audio/sound"
	"github.com/jumpgate-audio/jumpgate/gateway/library"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a scanned music folder with its store.
type house struct {
	*testing.T
	root    string
	data    string
	store   *store.Store
	library *library.Library

	mu     sync.Mutex
	opened []string // titles
}

func newHouse(t *testing.T, files map[string][]byte) *house {
	t.Helper()
	h := &house{T: t, root: t.TempDir(), data: t.TempDir()}
	for name, content := range files {
		h.put(name, content)
	}
	h.open()
	h.scan()
	return h
}

func (h *house) check(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) put(name string, content []byte) {
	h.Helper()
	h.check(os.WriteFile(filepath.Join(h.root, name), content, 0o600))
}

func (h *house) open() {
	h.Helper()
	kept, err := store.Open(context.Background(), store.Config{Dir: h.data})
	h.check(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- kept.Run(ctx) }()
	h.Cleanup(func() {
		cancel()
		h.check(<-ended)
		h.check(kept.Close())
	})
	h.store = kept
	h.library, err = library.New(library.Config{Store: h.store, Roots: []string{h.root}, Data: h.data, Prober: library.AudioProber{}})
	h.check(err)
}

// scan runs the library for one scan.
func (h *house) scan() {
	h.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- h.library.Run(ctx) }()
	for p := range h.library.Watch(ctx) {
		if !p.Running && !p.Finished.IsZero() {
			cancel()
		}
	}
	h.check(<-ended)
}

// listen runs a Measurer until nothing is left, and returns what it heard by
// title.
func (h *house) listen() map[string]sound.Features {
	h.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	byID := map[string]sound.Features{}
	m := New(Config{
		Store: h.store,
		Open: func(ctx context.Context, id string) (*os.File, store.Track, error) {
			f, t, err := h.library.Open(ctx, id)
			h.mu.Lock()
			defer h.mu.Unlock()
			h.opened = append(h.opened, t.Title)
			return f, t, err
		},
		Heard: func(_ context.Context, heard map[string]sound.Features) {
			for id, f := range heard {
				byID[id] = f
			}
		},
		Left: func(n int) {
			if n == 0 {
				cancel()
			}
		},
	})
	m.Wake()
	h.check(m.Run(ctx))
	out := map[string]sound.Features{}
	for id, f := range byID {
		t, err := h.store.Track(context.Background(), id)
		h.check(err)
		out[t.Title] = f
	}
	return out
}

// wav is a file with a title and a number of seconds of a sine.
func wav(title string, seconds int, hz float64) []byte {
	const rate = 8000
	chunk := func(kind string, body []byte) []byte {
		b := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body)))
		return append(append(b, body...), make([]byte, len(body)%2)...)
	}
	format := []byte{1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0}
	var samples []byte
	for i := range seconds * rate {
		v := int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/rate))
		samples = binary.LittleEndian.AppendUint16(samples, uint16(v))
	}
	body := slices.Concat([]byte("WAVE"), chunk("fmt ", format),
		chunk("LIST", slices.Concat([]byte("INFO"), chunk("INAM", []byte(title)))), chunk("data", samples))
	return chunk("RIFF", body)
}

func TestEveryTrackIsHeardOnce(t *testing.T) {
	h := newHouse(t, map[string][]byte{
		"low.wav": wav("Low", 3, 220), "high.wav": wav("High", 3, 1760), "still.wav": wav("Still", 3, 0),
	})
	heard := h.listen()
	if len(heard) != 2 || heard["High"][sound.Brightness] < heard["Low"][sound.Brightness]+2 {
		t.Errorf("heard %v", heard)
	}
	if len(h.opened) != 3 {
		t.Errorf("it listened to %v", h.opened)
	}
	kept := map[string]bool{}
	h.check(h.store.EachSound(context.Background(), sound.Version, func(track string, features []byte) {
		f, err := sound.Parse(features)
		h.check(err)
		kept[track] = f[sound.Loudness] != 0
	}))
	if len(kept) != 2 {
		t.Errorf("kept: %v", kept)
	}
	// After a restart nothing is heard again, but what is new or has changed.
	h.opened = nil
	h.open()
	h.put("new.wav", wav("New", 3, 500))
	h.put("high.wav", wav("High", 4, 2000))
	h.scan()
	h.listen()
	slices.Sort(h.opened)
	if !slices.Equal(h.opened, []string{"High", "New"}) {
		t.Errorf("after a restart it listened to %v", h.opened)
	}
	// Other measures: everything is.
	n, err := h.store.UnmeasuredCount(context.Background(), sound.Version+1)
	if h.check(err); n != 4 {
		t.Errorf("%d tracks to measure for another version", n)
	}
}

// Music that cannot be reached is left alone until it is back; a Wake looks.
func TestMusicOutOfReach(t *testing.T) {
	h := newHouse(t, map[string][]byte{"a.wav": wav("A", 3, 220), "b.wav": wav("B", 3, 440)})
	away := filepath.Join(h.root, "a.wav")
	h.check(os.Rename(away, away+".away"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	lefts := make(chan int, 16)
	m := New(Config{Store: h.store, Open: h.library.Open, Left: func(n int) { lefts <- n }})
	ended := make(chan error, 1)
	m.Wake()
	go func() { ended <- m.Run(ctx) }()
	for n := range lefts {
		if n == 1 {
			break
		}
	}
	h.check(os.Rename(away+".away", away))
	m.Wake()
	for n := range lefts {
		if n == 0 {
			break
		}
	}
	cancel()
	h.check(<-ended)
}

func TestExcerpts(t *testing.T) {
	for _, c := range []struct {
		frames, length int64
		want           []int64
	}{
		{-1, 30, []int64{0}},
		{0, 30, []int64{0}},
		{29, 30, []int64{0}},
		{30, 30, []int64{0}},
		{31, 30, []int64{0, 30}},
		{60, 30, []int64{0, 30}},
		{61, 30, []int64{5, 25}},
		{300, 30, []int64{85, 185}},
	} {
		got := excerpts(c.frames, c.length)
		if !slices.Equal(got, c.want) {
			t.Errorf("of %d: %v, want %v", c.frames, got, c.want)
		}
	}
}
