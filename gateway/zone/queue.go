package zone

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// The bounds of a queue.
const (
	// MaxEntries is the most that a queue holds, the played ones included.
	MaxEntries = 100_000
	// MaxHistory is how many played entries stay behind the one that plays.
	// Under repeat all nothing that was picked is dropped: it comes again.
	MaxHistory = 500
	// historySlack lets history be trimmed in one go now and then, not at
	// every track.
	historySlack = 50
)

// queue is the order of things: the played ones, the one that plays, a
// person's picks, and the flow, which is whatever flow entries stand behind the
// last pick. It knows no time and no audio.
type queue struct {
	*list
	cur      *node // nil when nothing was chosen yet
	repeat   Repeat
	arranged Arrangement
	context  ContextRef
	revision uint64
}

func newQueue() *queue { return &queue{list: newList(), repeat: RepeatOff} }

// restore takes over what a Journal kept. Entries that could not be told apart
// are left out.
func (q *queue) restore(s Saved) {
	nodes := make([]*node, 0, len(s.Entries))
	seen := make(map[EntryID]bool, len(s.Entries))
	for i, e := range s.Entries {
		if e.ID == "" || seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		n := &node{entry: e}
		if i < len(s.Order) {
			n.home = int64(s.Order[i]) * homeGap
		}
		if i == s.Index {
			q.cur = n
		}
		nodes = append(nodes, n)
	}
	q.insert(0, nodes)
	if q.cur == nil {
		q.cur = q.at(0)
	}
	q.repeat = cmp.Or(s.Repeat, RepeatOff)
	q.arranged = s.Arranged
	q.context = s.Context
}

// index is the position of the current entry, -1 if there is none.
func (q *queue) index() int { return q.position(q.cur) }

// flowStart is where the flow begins: behind the last pick and behind the
// current entry.
func (q *queue) flowStart() int {
	i, cur := q.len(), q.index()
	for i > cur+1 && q.at(i-1).entry.By == Flowed {
		i--
	}
	return i
}

// withoutFlow is the change that takes the flow out, nil where there is none.
func (q *queue) withoutFlow() []QueueChange {
	flow := idsOf(q.span(q.flowStart(), q.len()))
	if len(flow) == 0 {
		return nil
	}
	return []QueueChange{{Removed: flow}}
}

// ahead is how many entries follow the current one.
func (q *queue) ahead() int { return q.len() - q.index() - 1 }

// apply carries changes out, as a Journal does. Entries that a change removes
// and inserts again are moved: they keep their home. When the current entry is
// removed, the one that follows it takes its place, and gone is true.
func (q *queue) apply(changes []QueueChange) (gone bool) {
	q.revision++
	for _, c := range changes {
		taken := make(map[EntryID]*node, len(c.Removed))
		heir := q.index()
		for _, id := range c.Removed {
			n := q.find(id)
			if n == nil {
				continue
			}
			if q.position(n) < heir {
				heir--
			}
			taken[id] = q.remove(id)
		}
		nodes := make([]*node, 0, len(c.Inserted))
		var fresh []*node
		for _, e := range c.Inserted {
			n := taken[e.ID]
			if n == nil {
				n = &node{}
				fresh = append(fresh, n)
			}
			n.entry = e
			nodes = append(nodes, n)
		}
		q.settle(fresh, c.At)
		if q.cur != nil && taken[q.cur.entry.ID] != nil && !slices.Contains(nodes, q.cur) {
			gone = true
			q.cur = q.at(min(heir, q.len()-1))
		}
		q.insert(min(c.At, q.len()), nodes)
		if q.cur == nil {
			q.cur = q.at(0)
		}
	}
	return gone
}

// indexAfter says where the current entry will be once changes are applied, as
// apply decides it.
func (q *queue) indexAfter(changes []QueueChange) int {
	index, length := q.index(), q.len()
	var id EntryID
	if q.cur != nil {
		id = q.cur.entry.ID
	}
	for k, c := range changes {
		before := 0
		if k == 0 { // positions are those of the queue as it stands
			for _, r := range c.Removed {
				if p := q.position(q.find(r)); p >= 0 && p < index {
					before++
				}
			}
		}
		removed := slices.Contains(c.Removed, id)
		at := min(c.At, length-len(c.Removed))
		length += len(c.Inserted) - len(c.Removed)
		if i := slices.IndexFunc(c.Inserted, func(e Entry) bool { return e.ID == id }); removed && i >= 0 {
			index = at + i
			continue
		}
		index -= before
		if removed {
			index = min(index, length-len(c.Inserted)-1)
		}
		if at <= index {
			index += len(c.Inserted)
		}
		if index < 0 && length > 0 {
			index = 0
		}
	}
	return index
}

// after is the entry that follows n by itself; pressed tells that somebody
// asked for the next one, which leaves a track that repeats. It is nil at the
// end of everything.
func (q *queue) after(n *node, pressed bool) *node {
	i := q.position(n)
	next := q.at(i + 1)
	switch q.repeat {
	case RepeatOne:
		if n != nil && !pressed {
			return n
		}
	case RepeatAll:
		if next != nil && i+1 < q.flowStart() {
			return next
		}
		if first := q.firstPick(); first != nil {
			return first
		}
	case RepeatOff:
	}
	return next
}

// firstPick is the first entry that a person chose, played or not.
func (q *queue) firstPick() *node {
	for _, c := range q.chunks {
		for _, n := range c.nodes {
			if n.entry.By == Picked {
				return n
			}
		}
	}
	return nil
}

// before is the entry that was ahead of the current one, or nil.
func (q *queue) before() *node { return q.at(q.index() - 1) }

// trim is the change that drops what was played too long ago, if there is
// enough of it.
func (q *queue) trim() []QueueChange {
	over := q.index() - MaxHistory
	if over < historySlack {
		return nil
	}
	var c QueueChange
	for _, n := range q.span(0, over) {
		if q.repeat == RepeatAll && n.entry.By == Picked {
			continue
		}
		c.Removed = append(c.Removed, n.entry.ID)
	}
	if len(c.Removed) < historySlack {
		return nil
	}
	return []QueueChange{c}
}

// clone copies a queue, to try changes on.
func (q *queue) clone() *queue {
	c := *q
	c.list = newList()
	nodes := make([]*node, 0, q.len())
	for _, n := range q.span(0, q.len()) {
		m := &node{entry: n.entry, home: n.home}
		if n == q.cur {
			c.cur = m
		}
		nodes = append(nodes, m)
	}
	c.insert(0, nodes)
	return &c
}

// newID names an entry: ten characters at random, never one
// that the queue holds.
func (q *queue) newID(r *rand.Rand) EntryID {
	const digits = "0123456789abcdefghijkmnpqrstuvwxyz"
	var b [10]byte
	for {
		for i := range b {
			b[i] = digits[r.IntN(len(digits))]
		}
		if q.find(EntryID(b[:])) == nil {
			return EntryID(b[:])
		}
	}
}
