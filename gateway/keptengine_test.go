package gateway

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/scrobble"
	"github.com/jumpgate-audio/jumpgate/gateway/store"
)

// lines collects what is logged.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) taken() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.b.Reset()
	return l.b.String()
}

// started has a home's recommender, which is kept in a data folder, run until end is
// called, as from one start of the gateway to the next.
func (h *home) started(data string, log *lines) (end func()) {
	h.t.Helper()
	out := slog.New(slog.NewTextHandler(log, nil))
	r := newRecommender(h.store, h.audience, data, out)
	h.recommender = r
	h.journal = newJournal(h.store, r, h.audience, scrobble.New(scrobble.Config{Queue: scrobbleQueue{h.store}}), out)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Error(err)
		}
	})
}

func TestRecommenderIsKept(t *testing.T) {
	h := newHome(t, "Air - Run", "IU - Blueming", "Nils - Says")
	z := must(h.store.CreateZone(t.Context(), "Home"))
	mina := must(h.Create(t.Context(), "Mina", false))
	if err := h.SetAudience(t.Context(), store.Audience{Zone: z.ID, Listeners: []string{mina.ID}, Learning: true}); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	file := filepath.Join(data, recommenderFile)
	var log lines
	with := func(do func()) {
		t.Helper()
		end := h.started(data, &log)
		defer end()
		do()
	}
	counted := func(track, times string) {
		t.Helper()
		for _, p := range must(h.recommender.Chart(t.Context(), []string{mina.ID}, 10)) {
			if p.Track == track && !strings.Contains(p.Why.String(), times) {
				t.Errorf("%s, not %s", p.Why, times)
			}
		}
	}

	with(func() { h.play(z.ID, h.tracks[0]); h.play(z.ID, h.tracks[0]) })
	kept := must(os.ReadFile(file))
	with(func() { // what was played counts once
		counted(h.tracks[0], "2 times")
		h.play(z.ID, h.tracks[1])
		if err := h.store.SetRating(t.Context(), []string{mina.ID}, h.tracks[2], store.Liked); err != nil { // unheard, as when the power fails
			t.Fatal(err)
		}
	})
	if err := os.WriteFile(file, kept, 0o600); err != nil { // as after a power cut: it is older than the store
		t.Fatal(err)
	}
	with(func() {
		counted(h.tracks[0], "2 times")
		if !h.charted(mina.ID, h.tracks[1]) {
			t.Error("a play since the file was written does not count")
		}
		if why, _ := h.because(mina.ID, h.tracks[2]); why != "why.favourite" {
			t.Errorf("a rating since the file was written does not count: %s", why)
		}
	})
	if said := log.taken(); said != "" {
		t.Errorf("the log says %s", said)
	}

	kept = must(os.ReadFile(file))
	kept[len(kept)/2] ^= 1
	if err := os.WriteFile(file, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	with(func() { counted(h.tracks[0], "2 times") })
	if said := log.taken(); !strings.Contains(said, "is not used") { // the cause depends on what was hit
		t.Errorf("of a damaged file the log says %q", said)
	}

	kept = must(os.ReadFile(file))
	if n := must(h.store.TakeBack(t.Context(), mina.ID, h.at.Add(-24*time.Hour))); n != 3 {
		t.Fatalf("%d plays were taken back", n)
	}
	if err := os.WriteFile(file, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	with(func() {
		if h.charted(mina.ID, h.tracks[0]) {
			t.Error("what was taken back comes again out of the file")
		}
	})
	if said := log.taken(); !strings.Contains(said, "taken back") {
		t.Errorf("of a file with what was taken back the log says %q", said)
	}

	with(func() { // a play counts once, though everything is read again in the middle of it
		end := h.begin(z.ID, h.tracks[2])
		h.recommender.reload(t.Context())
		var reading sync.WaitGroup
		reading.Go(func() { h.recommender.reload(t.Context()) })
		end()
		h.recommender.reload(t.Context())
		reading.Wait()
		if n := h.played(mina.ID); n != 1 {
			t.Errorf("one play counts as %d", n)
		}
	})

	with(func() {
		h.play(z.ID, h.tracks[0])
		h.recommender.forget(t.Context(), mina.ID)
		must(h.recommender.Chart(t.Context(), []string{mina.ID}, 1)) // it was heard
		if _, err := os.Stat(file); err == nil {
			t.Error("the file outlives what somebody wants forgotten")
		}
	})
}
