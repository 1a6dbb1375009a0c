package cast

import (
	"slices"
	"testing"
)

// device is a queue that takes edits as the Web Receiver does.
type device struct {
	queue   []Queued
	next    int
	playing int
}

func (d *device) insert(items []Item, before int) (first int) {
	at := slices.IndexFunc(d.queue, func(q Queued) bool { return q.Device == before })
	if at < 0 {
		at = len(d.queue)
	}
	first = d.next
	for _, item := range items {
		d.queue = slices.Insert(d.queue, at, Queued{item, d.next})
		d.next, at = d.next+1, at+1
	}
	return first
}

func (d *device) take(e queueEdit) {
	switch {
	case e.insert != nil:
		if first := d.insert(e.insert, e.before); e.play {
			d.playing = first
		}
	case e.remove != nil:
		d.queue = slices.DeleteFunc(d.queue, func(q Queued) bool { return slices.Contains(e.remove, q.Device) })
	case e.reorder != nil:
		var moved []Queued
		for _, id := range e.reorder {
			moved = append(moved, d.queue[slices.IndexFunc(d.queue, func(q Queued) bool { return q.Device == id })])
		}
		d.queue = slices.DeleteFunc(d.queue, func(q Queued) bool { return slices.Contains(e.reorder, q.Device) })
		d.queue = append(d.queue, moved...)
	default:
		d.playing = e.jump
	}
}

// named makes items of letters; a capital is the same item at another address.
func named(letters []byte) []Item {
	var out []Item
	for _, b := range letters {
		out = append(out, Item{ID: string('a' + b%8), URL: string('a' + b%16)})
	}
	return out
}

// unique drops what comes twice.
func unique(letters []byte) []byte {
	var out []byte
	for _, b := range letters[:min(len(letters), 12)] {
		if !slices.ContainsFunc(out, func(o byte) bool { return o%8 == b%8 }) {
			out = append(out, b)
		}
	}
	return out
}

// FuzzFollow: whatever stood there, what is wanted stands there in the end, by at
// most two edits, three with a cut; what plays is not touched without a cut; and
// the queue behind it never ends in between.
func FuzzFollow(f *testing.F) {
	f.Add([]byte{1, 2, 3}, []byte{3, 2, 1}, false)
	f.Add([]byte{1, 2, 3, 4, 5}, []byte{1, 6, 2, 7, 3}, false)
	f.Add([]byte{1, 2}, []byte{2, 9}, true)
	f.Add([]byte{}, []byte{5}, true)
	f.Add([]byte{5}, []byte{}, true)
	f.Fuzz(func(t *testing.T, has, wants []byte, cut bool) {
		want := named(unique(wants))
		d := &device{next: 1}
		d.insert([]Item{{ID: "now"}}, 0)
		d.playing = 1
		d.insert(named(unique(has)), 0)
		edits := planFollow(slices.Clone(d.queue[1:]), want, cut)
		if limit := map[bool]int{false: 2, true: 3}[cut]; len(edits) > limit {
			t.Errorf("%d edits: %+v", len(edits), edits)
		}
		for i, e := range edits {
			before := len(d.queue)
			d.take(e)
			if len(want) > 0 && before > 1 && len(d.queue) == 1 {
				t.Errorf("after edit %d of %+v nothing follows", i, edits)
			}
			if i == 0 && cut && len(want) > 0 && d.playing == 1 {
				t.Errorf("the cut comes late: %+v", edits)
			}
		}
		var got []Item
		for _, q := range d.queue[1:] {
			got = append(got, q.Item)
		}
		if !slices.EqualFunc(got, want, func(a, b Item) bool { return a.ID == b.ID && a.URL == b.URL }) {
			t.Errorf("from %v got %v, want %v, by %+v", has, got, want, edits)
		}
		playing := d.queue[slices.IndexFunc(d.queue, func(q Queued) bool { return q.Device == d.playing })]
		if first := "now"; cut && len(want) > 0 {
			first = want[0].ID
			if playing.ID != first {
				t.Errorf("after a cut %q plays, want %q", playing.ID, first)
			}
		} else if playing.ID != first {
			t.Errorf("what played was touched: %q", playing.ID)
		}
	})
}
