package zone_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/audio"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
	"github.com/jumpgate-audio/jumpgate/gateway/zone/zonetest"
)

// storm is a listener who presses everything, and what must hold meanwhile.
type storm struct {
	*house
	r     *rand.Rand
	epoch uint64
	last  map[string]audio.Packet // by output, since its last Clear
	spare int
}

// watched is an output that checks what is written to it as it comes.
func (s *storm) watched(name string, rate int, lead time.Duration) *zonetest.Output {
	o := s.pcm(rate, lead)
	cleared := audio.Time(0)
	o.Watch(func(w zonetest.Written) {
		last, ok := s.last[name]
		switch {
		case w.At.Sub(w.When) < lead-50*time.Millisecond:
			s.t.Errorf("%s: a packet for %v comes only %v ahead", name, w.At, w.At.Sub(w.When))
		case w.At.Sub(w.When) > 5*time.Second:
			s.t.Errorf("%s: a packet comes %v ahead, more than the buffer holds", name, w.At.Sub(w.When))
		case ok && last.Stream == w.Stream && (w.At-last.End() > 2 || w.At-last.End() < -2):
			s.t.Errorf("%s: a gap of %v", name, w.At.Sub(last.End()))
		case w.At < cleared:
			s.t.Errorf("%s: a packet for %d behind a clear from %d", name, w.At, cleared)
		}
		s.last[name] = w.Packet
	}, func(from audio.Time) {
		cleared = from
		if p := s.last[name]; p.Stream != nil {
			s.last[name] = audio.Packet{Stream: &audio.Stream{Format: p.Stream.Format}, At: p.At}
		}
	})
	return o
}

// press does something at random.
func (s *storm) press() {
	z, ctx := s.zone, s.t.Context()
	q := s.queue()
	some := func() zone.EntryID {
		if len(q) == 0 {
			return "nobody"
		}
		return q[s.r.IntN(len(q))].ID
	}
	place := []zone.Place{zone.AtNow, zone.AtNext, zone.AtEnd, zone.Place(fmt.Sprint(s.r.IntN(30)))}
	var err error
	switch s.r.IntN(16) {
	case 0:
		err = z.Play(ctx)
	case 1:
		err = z.Pause(ctx)
	case 2, 3:
		err = z.Next(ctx)
	case 4:
		err = z.Previous(ctx)
	case 5, 6:
		err = z.Seek(ctx, time.Duration(s.r.IntN(25_000))*time.Millisecond)
	case 7, 8:
		_, err = z.Jump(ctx)
	case 9, 10:
		_, err = z.Add(ctx, zone.AddRequest{Tracks: tenIDs()[:1+s.r.IntN(9)], At: place[s.r.IntN(4)], Clear: s.r.IntN(8) == 0})
	case 11:
		err = z.Remove(ctx, []zone.EntryID{some()})
	case 12:
		err = z.Move(ctx, []zone.EntryID{some(), some()}, some())
	case 13:
		if s.r.IntN(2) == 0 {
			err = z.SetMix(ctx, s.r.IntN(2) == 0)
		} else {
			err = z.SetShuffle(ctx, s.r.IntN(2) == 0)
		}
	case 14:
		err = z.SetRepeat(ctx, []zone.Repeat{zone.RepeatOff, zone.RepeatOne, zone.RepeatAll}[s.r.IntN(3)])
	case 15:
		err = s.others()
	}
	if err != nil && !errors.Is(err, zone.ErrNoEntry) && !errors.Is(err, zone.ErrEmpty) {
		s.t.Errorf("%v", err)
	}
}

// others are the presses that are rare.
func (s *storm) others() error {
	z, ctx := s.zone, s.t.Context()
	switch s.r.IntN(5) {
	case 0:
		return z.Stop(ctx)
	case 1:
		return z.Clear(ctx)
	case 2:
		return z.SetContext(ctx, zone.ContextRef{Kind: "mood", ID: fmt.Sprint(s.r.IntN(5))})
	case 3:
		return z.Detach(ctx, "spare")
	}
	s.spare++
	return z.Attach(ctx, zone.Member{ID: "spare", Output: s.watched(fmt.Sprint("spare", s.spare), 2000, 300*time.Millisecond)})
}

// holds checks what is always true.
func (s *storm) holds() {
	synctest.Wait() // two questions are to have one answer
	st := s.state()
	q := s.queue()
	if st.Epoch < s.epoch {
		s.t.Errorf("epoch %d after %d", st.Epoch, s.epoch)
	}
	s.epoch = st.Epoch
	if st.Length != len(q) || st.Index >= len(q) || (st.Index >= 0) != (st.Entry != nil) {
		s.t.Errorf("index %d of %d, %d in the queue", st.Index, st.Length, len(q))
	}
	if st.Entry != nil && !reflect.DeepEqual(q[st.Index], *st.Entry) {
		s.t.Errorf("entry %v stands at %d", *st.Entry, st.Index)
	}
	seen := make(map[zone.EntryID]bool)
	for _, e := range q {
		if seen[e.ID] {
			s.t.Errorf("entry %s stands there twice", e.ID)
		}
		seen[e.ID] = true
	}
	if saved := s.journal.Saved("z"); !sameEntries(saved.Entries, q) {
		s.t.Errorf("the journal holds %d entries, the queue %d", len(saved.Entries), len(q))
	} else if saved.Repeat != "" && (saved.Arranged != st.Arranged || saved.Repeat != st.Repeat || saved.Context != st.Context) {
		s.t.Errorf("the journal holds %+v", saved)
	}
	if st.Track != nil && (st.Offset < 0 || st.Offset > st.Track.Duration) {
		s.t.Errorf("at %v of %v", st.Offset, st.Track.Duration)
	}
}

func TestStorm(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() || raceDetector {
		seeds = 3
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			s := &storm{house: flowing(t), r: rand.New(rand.NewPCG(seed, 99)), last: make(map[string]audio.Packet)}
			s.attach("near", s.watched("near", 2000, 50*time.Millisecond))
			s.attach("far", s.watched("far", 4000, 700*time.Millisecond))
			for range 120 {
				s.press()
				if s.r.IntN(3) == 0 {
					time.Sleep(time.Duration(s.r.IntN(12_000)) * time.Millisecond)
				} else if s.r.IntN(3) == 0 {
					time.Sleep(time.Duration(s.r.IntN(200)) * time.Millisecond)
				}
				s.holds()
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
			s.must(s.zone.SetRepeat(t.Context(), zone.RepeatOff))
			s.must(s.zone.Play(t.Context()))
			time.Sleep(time.Minute)
			st, end := s.state(), s.clock.Now()
			s.stop()
			synctest.Wait()
			if near := s.last["near"]; st.State != zone.Playing || near.Stream == nil || near.At < end-1_000_000 {
				t.Errorf("seed %d: after the storm it does not play: %+v", seed, st)
			}
			if open, _ := s.tracks.Decoders(); open != 0 {
				t.Errorf("seed %d: %d decoders are still open", seed, open)
			}
		})
	}
}

// sameEntries compares queues, reasons and all.
func sameEntries(a, b []zone.Entry) bool {
	return slices.EqualFunc(a, b, func(x, y zone.Entry) bool { return reflect.DeepEqual(x, y) })
}
