//go:build peers

package cast

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPeerQueueEdits(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	base := tracks(t)
	load(t, s, items(base, "a", "b", "c"))
	ctx := t.Context()
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return s.Insert(ctx, "", items(base, "d")...) }, "a b c d"},
		{func() error { return s.Insert(ctx, "b", items(base, "x", "y")...) }, "a x y b c d"},
		{func() error { return s.Remove(ctx, "x", "c") }, "a y b d"},
		{func() error { return s.Reorder(ctx, "y", "d", "b") }, "a d b y"},
		{func() error { return s.Reorder(ctx, "", "d") }, "a b y d"},
		{func() error { return s.Follow(ctx, "", items(base, "y", "e"), false) }, "a y e"},
		{func() error { return s.Follow(ctx, "y", nil, false) }, "a y"},
		{func() error { return s.Follow(ctx, "a", items(base, "z"), true) }, "a z"},
		// It has gone on from a: z is what plays.
		{func() error { return s.Follow(ctx, "a", items(base, "u", "z", "v"), false) }, "a z v"},
		{func() error { return s.Follow(ctx, "a", items(base, "w", "z"), false) }, "a z"},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("before %q: %v", step.want, err)
		}
		if got := strings.Join(queued(t, s), " "); got != step.want {
			t.Fatalf("the device has %q, want %q", got, step.want)
		}
	}
	awaitStatus(t, s, "the cut", func(st Status) bool { return st.Item == "z" && st.State == Playing })
	if err := s.Follow(ctx, "a", items(base, "q", "r"), false); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, s, "the first of what is wanted instead", func(st Status) bool { return st.Item == "q" && st.State == Playing })
	if got := strings.Join(queued(t, s), " "); got != "a q r" {
		t.Fatalf("the device has %q", got)
	}
	if st := s.Status(); st.Edits != 0 {
		t.Errorf("our own edits were taken for somebody else's: %d", st.Edits)
	}
	for _, err := range []error{
		s.Remove(ctx, "nobody"), s.JumpTo(ctx, "nobody", 0), s.Insert(ctx, "nobody", items(base, "p")...), s.Follow(ctx, "nobody", nil, false),
	} {
		if !errors.Is(err, ErrNotQueued) {
			t.Errorf("got %v", err)
		}
	}
	if got := strings.Join(queued(t, s), " "); got != "a q r" {
		t.Errorf("afterwards the device has %q", got)
	}
}

// Whatever is to follow follows, what plays goes on, and no more than two edits
// are sent.
func TestPeerFollowsAnything(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	base := tracks(t)
	load(t, s, items(base, "now"))
	random := rand.New(rand.NewPCG(1, 2))
	p.seen()
	for range 60 {
		var want []string
		for _, i := range random.Perm(12)[:random.IntN(9)] {
			want = append(want, fmt.Sprint("i", i))
		}
		if err := s.Follow(t.Context(), "now", items(base, want...), false); err != nil {
			t.Fatal(err)
		}
		edits := 0
		for _, kind := range p.seen() {
			if strings.HasPrefix(kind, "QUEUE_") && !strings.HasPrefix(kind, "QUEUE_GET") {
				edits++
			}
		}
		if got := queued(t, s); !slices.Equal(got, append([]string{"now"}, want...)) || edits > 2 {
			t.Fatalf("after %d edits the device has %v, want %v", edits, got, want)
		}
		p.seen()
	}
	if st := s.Status(); st.Item != "now" || st.State != Playing || st.Edits != 0 {
		t.Errorf("status %+v", st)
	}
}

// A device that answers an edit by its news alone has carried it out.
func TestPeerAnswersEditsByNews(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	base := tracks(t)
	load(t, s, items(base, "a", "b"))
	p.obey("change-only")
	if err := s.Follow(t.Context(), "a", items(base, "c", "d"), false); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(queued(t, s), " "); got != "a c d" || s.Status().Edits != 0 {
		t.Errorf("the device has %q, %+v", got, s.Status())
	}
}

// What others do to our queue is noticed, and put right when we say so.
func TestPeerOthersEditTheQueue(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	s := startSender(t, p, Config{})
	base := tracks(t)
	load(t, s, items(base, "a", "b", "c"))
	p.order("foreign-remove")
	awaitStatus(t, s, "an edit", func(st Status) bool { return st.Edits == 1 })
	p.order("foreign-edit")
	awaitStatus(t, s, "another", func(st Status) bool { return st.Edits == 2 })
	if got := strings.Join(queued(t, s), " "); got != "a b ?" {
		t.Errorf("the device has %q", got)
	}
	if st := s.Status(); st.Foreign || st.Item != "a" {
		t.Errorf("status %+v", st)
	}
	if err := s.Follow(t.Context(), "", items(base, "b", "c"), false); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(queued(t, s), " "); got != "a b c" {
		t.Errorf("the device has %q", got)
	}
}

// After a reconnect what is still to come gets the addresses that it has now;
// what plays is left alone.
func TestPeerAddressesAreRewritten(t *testing.T) {
	t.Parallel()
	p := startPeer(t)
	before, after := tracks(t), tracks(t)
	var d dials
	s := startSender(t, p, Config{Trust: d.trust, Rewrite: func(_, url string) string { return strings.Replace(url, before, after, 1) }})
	load(t, s, items(before, "a", "b", "c"))
	p.obey("drop")
	d.again(t, s, 2, "a")
	deadline := time.Now().Add(10 * time.Second)
	for {
		queue, err := s.Queue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(queue) == 3 && queue[0].URL == before+"/a" && queue[1].URL == after+"/b" && queue[2].URL == after+"/c" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the device has %+v", queue)
		}
	}
	if st := s.Status(); st.Item != "a" || st.State != Playing {
		t.Errorf("status %+v", st)
	}
}
