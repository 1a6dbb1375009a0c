package hls

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestFollowing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newLive(t)
		next := feed(t, live, 0, 24)
		// From a time in the middle of the first segment on: every part once.
		at := live.Since(live.wall(5 * 4096))
		var got []Pushed
		for range 10 {
			p, behind, err := live.Next(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			got, at = append(got, p), behind
		}
		for i, p := range got {
			if want := int64(4+2*i) * 4096; p.Time != want || p.Samples != 8192 || !p.Wall.Equal(live.wall(want)) {
				t.Errorf("part %d is of %d, want %d: %+v", i, p.Time, want, p)
			}
		}
		// It waits for the next one.
		come := make(chan Pushed)
		go func() {
			p, behind, err := live.Next(t.Context(), at)
			if err != nil {
				t.Error(err)
			}
			at = behind
			come <- p
		}()
		synctest.Wait()
		next = feed(t, live, next+1000, 2)
		if p := <-come; !p.Discontinuity || p.MSN != 2 || p.Part != 0 {
			t.Errorf("%d.%d, discontinuity %v", p.MSN, p.Part, p.Discontinuity)
		}
		// Who is far behind is given the newest part.
		feed(t, live, next, 400)
		p, at, err := live.Next(t.Context(), at)
		if msn, part, _ := live.now.Load().newest(); err != nil || p.MSN != msn || p.Part != part {
			t.Errorf("%d.%d (%v), the newest is %d.%d", p.MSN, p.Part, err, msn, part)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := live.Next(ctx, at); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := live.Close(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := live.Next(t.Context(), at); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}

func TestPushFraming(t *testing.T) {
	live := newLive(t)
	feed(t, live, 0, 24)
	p, _, err := live.Next(t.Context(), Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	p.Discontinuity = true
	golden(t, "testdata/push.bin", append(live.InitHead(), p.PushHead()...))
	if n := len(p.PushHead()); n != 36 {
		t.Errorf("the head has %d bytes", n)
	}
}
