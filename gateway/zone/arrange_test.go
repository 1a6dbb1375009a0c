package zone

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestShuffleIsReversible(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	q := newQueue()
	q.apply([]QueueChange{{Inserted: picks(q, r, 1000)}})
	q.cur = q.at(10)
	before := entriesOf(q)
	q.arrangeTo(Shuffled)
	q.apply(q.reorder(shuffling(r)))
	mixed := entriesOf(q)
	if !slices.Equal(mixed[:11], before[:11]) || slices.Equal(mixed, before) {
		t.Fatal("played entries moved, or nothing did")
	}
	// A restart in between.
	var s Saved
	for _, n := range q.span(0, q.len()) {
		s.Entries = append(s.Entries, n.entry)
	}
	s.Index, s.Arranged, s.Order = q.index(), Shuffled, order(q.homes())
	q = newQueue()
	q.restore(s)
	// One more at the end, one next.
	late := picks(q, r, 2)
	q.apply([]QueueChange{{At: q.len(), Inserted: late[:1]}})
	q.apply([]QueueChange{{At: 11, Inserted: late[1:]}})
	q.apply(q.reorder(func(picks []*node) { slices.SortStableFunc(picks, byHome) }))
	want := slices.Concat(before[:11], []EntryID{late[1].ID}, before[11:], []EntryID{late[0].ID})
	if got := entriesOf(q); !slices.Equal(got, want) {
		t.Errorf("back in order:\n%v\nwant\n%v", got[:20], want[:20])
	}
}

func TestSortLike(t *testing.T) {
	for _, x := range []struct{ items, list, want string }{
		{"abc", "cba", "cba"},
		{"aabb", "abab", "abab"},  // each as often as it is there
		{"abxyc", "cba", "cbaxy"}, // what was picked since comes last, as it stood
		{"ab", "zbya", "ba"},      // what was taken out since is nowhere
		{"", "abc", ""},
		{"cab", "", "cab"},
	} {
		got := []rune(x.items)
		sortLike(got, func(r rune) string { return string(r) }, letters(x.list))
		if string(got) != x.want {
			t.Errorf("%q like %q: %q, want %q", x.items, x.list, string(got), x.want)
		}
	}
}

func letters(s string) []string {
	var out []string
	for _, r := range s {
		out = append(out, string(r))
	}
	return out
}

// TestHomesHaveRoom puts entries behind the same one again and again while the
// queue is shuffled: the last comes first, however often.
func TestHomesHaveRoom(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	q := newQueue()
	q.apply([]QueueChange{{Inserted: picks(q, r, 20)}})
	first, rest := entriesOf(q)[0], entriesOf(q)[1:]
	q.arrangeTo(Shuffled)
	q.apply(q.reorder(shuffling(r)))
	want := rest
	for range 100 {
		next := picks(q, r, 1+r.IntN(3))
		ids := make([]EntryID, len(next))
		for i, e := range next {
			ids[i] = e.ID
		}
		r.Shuffle(len(next), func(i, j int) { next[i], next[j] = next[j], next[i] })
		q.apply([]QueueChange{{At: 1, Inserted: next}})
		q.settleAsPicked(ids)
		want = slices.Concat(ids, want)
	}
	late := picks(q, r, 2)
	q.apply([]QueueChange{{At: q.flowStart(), Inserted: late}})
	want = slices.Concat([]EntryID{first}, want, []EntryID{late[0].ID, late[1].ID})
	q.apply(q.reorder(func(picks []*node) { slices.SortStableFunc(picks, byHome) }))
	if got := entriesOf(q); !slices.Equal(got, want) {
		t.Errorf("came back as %v, want %v", got, want)
	}
}
