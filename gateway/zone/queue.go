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
	shuffle  bool
	context  ContextRef
	revision uint64
	branches int64 // counts insertions into a shuffled queue
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
			n.home = int64(s.Order[i])
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
	q.shuffle = s.Shuffle
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
		before := q.at(c.At - 1)
		for _, e := range c.Inserted {
			n := taken[e.ID]
			if n == nil {
				n = &node{}
				q.settle(n, before, c.At >= q.len())
			}
			n.entry = e
			before = n
			nodes = append(nodes, n)
		}
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

// settle gives a new node its home in a shuffled queue: at the very end, or
// right behind the entry that it was put behind.
func (q *queue) settle(n, before *node, atEnd bool) {
	if !q.shuffle {
		return
	}
	q.branches++
	n.branch = q.branches
	switch {
	case atEnd:
		n.home = MaxEntries * 10
	case before != nil:
		n.home = before.home
	}
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

// shuffled is the change that puts the picks that are still to come into a
// random order, having noted where everything stood.
func (q *queue) shuffled(r *rand.Rand) []QueueChange {
	return q.reorder(func(picks []*node) {
		r.Shuffle(len(picks), func(i, j int) { picks[i], picks[j] = picks[j], picks[i] })
	})
}

// noteHomes remembers the order of now as the one to come back to.
func (q *queue) noteHomes() {
	for i, n := range q.span(0, q.len()) {
		n.home, n.branch = int64(i), 0
	}
}

// sorted is the change that puts the picks that are still to come back into
// the order from before shuffling.
func (q *queue) sorted() []QueueChange {
	return q.reorder(func(picks []*node) { slices.SortStableFunc(picks, byHome) })
}

func byHome(a, b *node) int {
	return cmp.Or(cmp.Compare(a.home, b.home), cmp.Compare(a.branch, b.branch))
}

func (q *queue) reorder(how func([]*node)) []QueueChange {
	from := q.index() + 1
	picks := q.span(from, q.flowStart()-from)
	if len(picks) < 2 {
		return nil
	}
	c := QueueChange{At: from}
	for _, n := range picks {
		c.Removed = append(c.Removed, n.entry.ID)
	}
	how(picks)
	for _, n := range picks {
		c.Inserted = append(c.Inserted, n.entry)
	}
	return []QueueChange{c}
}

// homes copies what order needs, so that it can be worked out elsewhere.
func (q *queue) homes() []node {
	if !q.shuffle {
		return nil
	}
	out := make([]node, 0, q.len())
	for _, n := range q.span(0, q.len()) {
		out = append(out, node{home: n.home, branch: n.branch})
	}
	return out
}

// order turns homes into the position of each entry before shuffling.
func order(homes []node) []int {
	if homes == nil {
		return nil
	}
	byRank := make([]int, len(homes))
	for i := range byRank {
		byRank[i] = i
	}
	slices.SortStableFunc(byRank, func(a, b int) int { return byHome(&homes[a], &homes[b]) })
	positions := make([]int, len(homes))
	for rank, i := range byRank {
		positions[i] = rank
	}
	return positions
}

// clone copies a queue, to try changes on.
func (q *queue) clone() *queue {
	c := *q
	c.list = newList()
	nodes := make([]*node, 0, q.len())
	for _, n := range q.span(0, q.len()) {
		m := &node{entry: n.entry, home: n.home, branch: n.branch}
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
