package zone

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func picks(q *queue, r *rand.Rand, n int) []Entry {
	var out []Entry
	for range n {
		id := q.newID(r)
		out = append(out, Entry{ID: id, Track: string(id), By: Picked})
	}
	return out
}

func entriesOf(q *queue) []EntryID { return idsOf(q.span(0, q.len())) }

// TestQueueAgainstSlice holds a queue against a slice that the same changes
// are made to, and indexAfter against what apply does.
func TestQueueAgainstSlice(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 1))
		q := newQueue()
		var model []Entry
		for step := range 80 {
			var c QueueChange
			n := 0
			switch r.IntN(4) {
			case 0: // add many
				c.At, c.Inserted = r.IntN(len(model)+1), picks(q, r, r.IntN(700))
			case 1: // add few
				c.At, c.Inserted = r.IntN(len(model)+1), picks(q, r, r.IntN(4))
			default: // remove some, put some of them back elsewhere
				for range min(len(model), r.IntN(300)) {
					e := model[r.IntN(len(model))]
					if !slices.Contains(c.Removed, e.ID) {
						c.Removed = append(c.Removed, e.ID)
						if r.IntN(2) == 0 {
							c.Inserted = append(c.Inserted, e)
						}
					}
				}
				n = len(c.Removed)
				c.At = r.IntN(len(model) - n + 1)
			}
			want := q.indexAfter([]QueueChange{c})
			q.apply([]QueueChange{c})
			model = slices.DeleteFunc(model, func(e Entry) bool { return slices.Contains(c.Removed, e.ID) })
			model = slices.Insert(model, c.At, c.Inserted...)
			if q.len() != len(model) {
				t.Fatalf("seed %d step %d: %d entries, want %d", seed, step, q.len(), len(model))
			}
			if got := q.index(); got != want {
				t.Fatalf("seed %d step %d: index %d, indexAfter said %d; %+v", seed, step, got, want, c.At)
			}
			for i, node := range q.span(0, q.len()) {
				if node.entry.ID != model[i].ID {
					t.Fatalf("seed %d step %d: entry %d is %v, want %v", seed, step, i, node.entry, model[i])
				}
			}
			for range 5 {
				if len(model) == 0 {
					break
				}
				i := r.IntN(len(model))
				if q.at(i).entry.ID != model[i].ID || q.position(q.find(model[i].ID)) != i {
					t.Fatalf("seed %d step %d: position %d", seed, step, i)
				}
			}
			if len(model) > 0 && r.IntN(3) == 0 {
				q.cur = q.at(r.IntN(len(model)))
			}
		}
	}
}

func TestWhatFollows(t *testing.T) {
	mk := func(bys string) *queue {
		q := newQueue()
		var in []Entry
		for i, b := range bys {
			e := Entry{ID: EntryID(fmt.Sprint(i)), By: Picked}
			if b == 'f' {
				e.By = Flowed
			}
			in = append(in, e)
		}
		q.apply([]QueueChange{{Inserted: in}})
		return q
	}
	for _, c := range []struct {
		bys     string
		cur     int
		repeat  Repeat
		pressed bool
		want    int // -1: nothing
	}{
		{"ppff", 0, RepeatOff, false, 1},
		{"ppff", 1, RepeatOff, false, 2},
		{"pp", 1, RepeatOff, false, -1},
		{"ppff", 1, RepeatOne, false, 1},
		{"ppff", 1, RepeatOne, true, 2},
		{"ppff", 1, RepeatAll, false, 0},
		{"ppff", 0, RepeatAll, false, 1},
		{"ffppff", 3, RepeatAll, false, 2},
		{"ffff", 1, RepeatAll, false, 2},
		{"ppff", 2, RepeatAll, false, 0},
		{"pfpf", 0, RepeatAll, true, 1},
		{"p", 0, RepeatAll, true, 0},
		{"f", 0, RepeatAll, true, -1},
	} {
		q := mk(c.bys)
		q.repeat = c.repeat
		got := q.position(q.after(q.at(c.cur), c.pressed))
		if got != c.want {
			t.Errorf("after %d of %q, repeat %s, pressed %v: %d, want %d", c.cur, c.bys, c.repeat, c.pressed, got, c.want)
		}
	}
}

func TestHistoryIsTrimmed(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	q := newQueue()
	q.apply([]QueueChange{{Inserted: picks(q, r, 2000)}})
	q.cur = q.at(MaxHistory + historySlack)
	cur := q.cur
	q.apply(q.trim())
	if q.index() != MaxHistory || q.cur != cur {
		t.Errorf("index %d after trimming", q.index())
	}
	q.cur = q.at(1000)
	q.repeat = RepeatAll
	if q.trim() != nil {
		t.Error("repeat all loses what was picked")
	}
}

func TestRestoreOfNonsense(t *testing.T) {
	for _, s := range []Saved{
		{Index: 5},
		{Index: -3, Entries: []Entry{{ID: "a"}}},
		{Index: 9, Entries: []Entry{{ID: "a"}, {ID: "a"}, {}}},
		{Entries: []Entry{{ID: "a"}}, Order: []int{5, 6, 7}, Arranged: Shuffled},
	} {
		q := newQueue()
		q.restore(s)
		if q.len() > 0 && q.index() != 0 {
			t.Errorf("%+v: index %d", s, q.index())
		}
	}
	if got := order(nil); !reflect.DeepEqual(got, []int(nil)) {
		t.Error("order of nothing")
	}
}

func BenchmarkEditOf100000(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	q := newQueue()
	q.apply([]QueueChange{{Inserted: picks(q, r, MaxEntries)}})
	q.cur = q.at(5000)
	for b.Loop() {
		e := q.at(r.IntN(q.len())).entry
		c := []QueueChange{{Removed: []EntryID{e.ID}, At: r.IntN(q.len()), Inserted: []Entry{e}}}
		q.indexAfter(c)
		q.apply(c)
	}
}
