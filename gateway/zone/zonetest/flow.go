package zonetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jumpgate-audio/jumpgate/gateway/phrase"
	"github.com/jumpgate-audio/jumpgate/gateway/zone"
)

// Flow goes round its tracks in their order, leaving out what is in Recent
// while it can. A JUMP leads where it was said to, or to the next of its contexts. It may be used from
// any goroutine.
type Flow struct {
	mu     sync.Mutex
	tracks []string
	next   int
	jumps  int
	likely int
	fails  error
	delay  time.Duration
}

// NewFlow makes a flow over tracks.
func NewFlow(tracks ...string) *Flow { return &Flow{tracks: tracks} }

// Fail has every question return err from now on.
func (f *Flow) Fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fails = err
}

// Slow has every answer take that long.
func (f *Flow) Slow(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay = d
}

// Next implements zone.Flow.
func (f *Flow) Next(ctx context.Context, r zone.FlowRequest) ([]zone.Entry, error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pick(r, "flows on"), f.fails
}

// Jump implements zone.Flow.
func (f *Flow) Jump(ctx context.Context, r zone.FlowRequest) (zone.ContextRef, []zone.Entry, error) {
	if err := f.wait(ctx); err != nil {
		return zone.ContextRef{}, nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c, entries := f.land(r, f.jumps+1)
	f.jumps++
	if r.Shown != (zone.ContextRef{}) {
		c = r.Shown
	}
	return c, entries, f.fails
}

// Likely implements zone.Scout.
func (f *Flow) Likely(ctx context.Context, r zone.FlowRequest, n int) ([]zone.Landing, error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.next
	defer func() { f.next = next }()
	var out []zone.Landing
	for i := range n {
		c, entries := f.land(r, f.jumps+1+i)
		out = append(out, zone.Landing{Context: c, Entries: entries})
	}
	f.likely++
	return out, f.fails
}

// Rank implements zone.Ranker: what comes last in the alphabet is liked most.
func (f *Flow) Rank(ctx context.Context, _ string, tracks []string) ([]string, error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	out := slices.Clone(tracks)
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(b, a) })
	f.mu.Lock()
	defer f.mu.Unlock()
	return out, f.fails
}

func (f *Flow) land(r zone.FlowRequest, n int) (zone.ContextRef, []zone.Entry) {
	c := zone.ContextRef{Kind: "mood", ID: fmt.Sprint(n), Name: fmt.Sprintf("Mood %d", n)}
	return c, f.pick(r, "jumped to "+c.Name)
}

// ChangeMind has a JUMP lead elsewhere than was said.
func (f *Flow) ChangeMind() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.jumps += 5
}

// Scouted is how often it was asked where a JUMP would lead.
func (f *Flow) Scouted() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.likely
}

func (f *Flow) wait(ctx context.Context) error {
	f.mu.Lock()
	d := f.delay
	f.mu.Unlock()
	if d == 0 {
		return nil
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *Flow) pick(r zone.FlowRequest, why string) []zone.Entry {
	if len(f.tracks) == 0 || f.fails != nil {
		return nil
	}
	var out []zone.Entry
	for tried := 0; len(out) < r.Count; f.next++ {
		t := f.tracks[f.next%len(f.tracks)]
		if tried++; tried <= len(f.tracks) && slices.Contains(r.Recent, t) {
			continue
		}
		out = append(out, zone.Entry{Track: t, By: zone.Flowed, Why: phrase.Verbatim(why)})
	}
	return out
}
