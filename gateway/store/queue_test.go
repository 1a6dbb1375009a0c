package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// Whatever is done to a queue, what comes back is what a slice would hold.
func TestQueueIsWhatASliceWouldBe(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := opened(t, dir)
	zone := must(s.CreateZone(ctx, "z")).ID
	rnd := rand.New(rand.NewPCG(1, 2))
	var want []QueueEntry
	next := 0
	for round := range 300 {
		var changes []QueueChange
		for range 1 + rnd.IntN(3) {
			var c QueueChange
			for range min(rnd.IntN(6), len(want)) {
				i := rnd.IntN(len(want))
				c.Removed = append(c.Removed, want[i].ID)
				want = slices.Delete(want, i, i+1)
			}
			c.At = rnd.IntN(len(want) + 1)
			for range rnd.IntN(12) {
				next++
				c.Inserted = append(c.Inserted, QueueEntry{ID: fmt.Sprint(next), Track: fmt.Sprint("t", next%7), By: "picked", Why: "w"})
			}
			want = slices.Insert(want, c.At, c.Inserted...)
			changes = append(changes, c)
		}
		check(t, s.SaveQueue(ctx, zone, changes, Queue{Index: round}))
	}
	if got := must(s.LoadQueue(ctx, zone)); !slices.Equal(got.Entries, want) {
		t.Fatalf("the queue differs: %d entries, want %d", len(got.Entries), len(want))
	}
}

// Inserting at one place again and again uses up the room between two keys.
func TestQueueInsertsAtOnePlace(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	zone := must(s.CreateZone(ctx, "z")).ID
	var want []QueueEntry
	add := func(at int, ids ...string) {
		var c QueueChange
		c.At = at
		for _, id := range ids {
			c.Inserted = append(c.Inserted, QueueEntry{ID: id})
		}
		want = slices.Insert(want, at, c.Inserted...)
		check(t, s.SaveQueue(ctx, zone, []QueueChange{c}, Queue{}))
	}
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprint("m", i))
	}
	add(0, many...)
	for i := range 200 {
		add(500, fmt.Sprint("x", i))
		add(501+i, fmt.Sprint("y", i))
		add(0, fmt.Sprint("z", i))
	}
	if got := must(s.LoadQueue(ctx, zone)); !slices.Equal(got.Entries, want) {
		t.Fatal("the queue differs")
	}
}

func TestQueueHeadComesBack(t *testing.T) {
	ctx := context.Background()
	s := opened(t, t.TempDir())
	zone := must(s.CreateZone(ctx, "z")).ID
	if got := must(s.LoadQueue(ctx, zone)); len(got.Entries) != 0 || got.Order != nil {
		t.Errorf("a new zone's queue: %+v", got)
	}
	want := Queue{
		Entries: []QueueEntry{{ID: "1"}, {ID: "2"}}, Index: 1, Offset: 3 * time.Second, Repeat: "all", Arranged: "shuffle",
		ContextKind: "album", ContextID: "x", ContextName: "X", Playing: true, Order: []int{1, 0},
	}
	check(t, s.SaveQueue(ctx, zone, []QueueChange{{Inserted: want.Entries}}, want))
	if got := must(s.LoadQueue(ctx, zone)); !reflect.DeepEqual(got, want) {
		t.Errorf("queue: %+v, want %+v", got, want)
	}
	check(t, s.SavePosition(ctx, zone, 0, time.Second, false))
	if got := must(s.LoadQueue(ctx, zone)); got.Index != 0 || got.Offset != time.Second || got.Playing || got.Repeat != "all" {
		t.Errorf("after a position: %+v", got)
	}
	// A change that fails leaves nothing behind, also not in what is remembered.
	bad := []QueueChange{{Inserted: []QueueEntry{{ID: "3"}}}, {Inserted: []QueueEntry{{ID: "1"}}}}
	if err := s.SaveQueue(ctx, zone, bad, want); err == nil {
		t.Error("an entry came in twice")
	}
	check(t, s.SaveQueue(ctx, zone, []QueueChange{{Removed: []string{"1", "none"}, At: 99, Inserted: []QueueEntry{{ID: "4"}}}}, Queue{}))
	if got := must(s.LoadQueue(ctx, zone)); fmt.Sprint(got.Entries) != "[{2   } {4   }]" || got.Order != nil {
		t.Errorf("queue: %+v", got)
	}
}

// The cost of an edit must not grow with the queue.
func BenchmarkQueueEdit(b *testing.B) {
	for _, length := range []int{100, 50_000} {
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			ctx := context.Background()
			s := opened(b, b.TempDir())
			zone := must(s.CreateZone(ctx, "z")).ID
			c := QueueChange{}
			for i := range length {
				c.Inserted = append(c.Inserted, QueueEntry{ID: fmt.Sprint(i), Track: "track"})
			}
			check(b, s.SaveQueue(ctx, zone, []QueueChange{c}, Queue{}))
			for i := 0; b.Loop(); i++ {
				c := QueueChange{At: length / 2, Inserted: []QueueEntry{{ID: fmt.Sprint("n", i), Track: "track"}}}
				check(b, s.SaveQueue(ctx, zone, []QueueChange{c}, Queue{}))
			}
		})
	}
}
