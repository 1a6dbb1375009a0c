package board

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fact is an event whose parts would be shared if they were not copied.
type fact struct{ words []string }

func (f fact) clone() fact { return fact{slices.Clone(f.words)} }

func newFacts() *Board[int, fact] {
	return New[int](Config[fact]{Clone: fact.clone, Merge: func(unread, newer fact) fact {
		return fact{slices.Concat(unread.words, newer.words)}
	}})
}

func post(b *Board[int, fact], key int, word string) {
	f := fact{[]string{word}}
	b.Post(key, f, f)
}

// A watcher that reads slowly gets one event for each key, in the order in which
// the keys first changed, and nobody waits for it.
func TestSlowWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFacts()
		defer b.Close()
		post(b, 0, "there")
		ctx, cancel := context.WithCancel(t.Context())
		events := b.Watch(ctx)
		synctest.Wait() // the first event is on its way
		post(b, 2, "a")
		post(b, 1, "b")
		post(b, 2, "c")
		b.Keep(1, fact{[]string{"nobody is told"}})
		b.Drop(2, fact{[]string{"gone"}})
		for i, want := range [][]string{{"there"}, {"a", "c", "gone"}, {"b"}} {
			if got := <-events; !slices.Equal(got.words, want) {
				t.Errorf("event %d is %v, want %v", i, got.words, want)
			}
		}
		cancel()
		if ev, open := <-events; open {
			t.Errorf("after the watcher's end: %v", ev)
		}
		synctest.Wait()
		if len(b.feeds) != 0 {
			t.Error("a watcher that ended is still fed")
		}
	})
}

// What is read belongs to the reader.
func TestNothingIsShared(t *testing.T) {
	b := newFacts()
	post(b, 1, "a")
	one, _ := b.Get(1)
	one.words[0] = "changed"
	b.All()[0].words[0] = "changed"
	events := b.Watch(t.Context())
	(<-events).words[0] = "changed"
	if got, known := b.Get(1); !known || got.words[0] != "a" {
		t.Errorf("a reader's change is seen by others: %v", got)
	}
	if _, known := b.Get(2); known {
		t.Error("it knows what nobody posted")
	}
	b.Close()
	if _, open := <-events; open {
		t.Error("the watcher goes on after the board's end")
	}
	if _, open := <-b.Watch(t.Context()); open {
		t.Error("an ended board can be watched")
	}
	b.Close()
}
