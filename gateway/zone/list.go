package zone

import "slices"

// chunkMax bounds a chunk of a list. With it, an edit in a queue of 100,000
// entries moves some kilobytes and walks some hundreds of chunks.
const chunkMax = 512

// node is one entry's place in a list. Its home is where it stood before
// shuffling: nodes sort by home.
type node struct {
	entry Entry
	home  int64
	chunk *chunk
}

type chunk struct{ nodes []*node }

// list is a sequence of entries in chunks: any position, insertion and removal
// costs about the square root of its length.
type list struct {
	chunks []*chunk
	byID   map[EntryID]*node
}

func newList() *list { return &list{byID: make(map[EntryID]*node)} }

func (l *list) len() int { return len(l.byID) }

// find returns the node with that id, or nil.
func (l *list) find(id EntryID) *node { return l.byID[id] }

// locate returns the chunk that holds position i, and the place in it. For the
// end of the list it returns the end of the last chunk.
func (l *list) locate(i int) (c, at int) {
	for c = range l.chunks {
		n := len(l.chunks[c].nodes)
		if i < n || (i == n && c == len(l.chunks)-1) {
			return c, i
		}
		i -= n
	}
	return 0, 0
}

// at returns the node at position i, or nil outside the list.
func (l *list) at(i int) *node {
	if i < 0 || i >= l.len() {
		return nil
	}
	c, at := l.locate(i)
	return l.chunks[c].nodes[at]
}

// position returns where a node stands, -1 when it is not in the list.
func (l *list) position(n *node) int {
	if n == nil || l.byID[n.entry.ID] != n {
		return -1
	}
	before := 0
	for _, c := range l.chunks {
		if c == n.chunk {
			return before + slices.Index(c.nodes, n)
		}
		before += len(c.nodes)
	}
	return -1
}

// insert puts nodes in at position i, in this order.
func (l *list) insert(i int, nodes []*node) {
	if len(nodes) == 0 {
		return
	}
	for _, n := range nodes {
		l.byID[n.entry.ID] = n
	}
	if len(l.chunks) == 0 {
		l.chunks = split(nil, nodes)
		return
	}
	c, at := l.locate(i)
	old := l.chunks[c]
	if len(old.nodes)+len(nodes) <= chunkMax {
		old.nodes = slices.Insert(old.nodes, at, nodes...)
		for _, n := range nodes {
			n.chunk = old
		}
		return
	}
	tail := slices.Clone(old.nodes[at:])
	all := append(slices.Clone(old.nodes[:at]), nodes...)
	l.chunks = slices.Replace(l.chunks, c, c+1, split(old, append(all, tail...))...)
}

// split deals nodes out to chunks that are half full; first is used again.
func split(first *chunk, nodes []*node) []*chunk {
	var chunks []*chunk
	for part := range slices.Chunk(nodes, chunkMax/2) {
		c := first
		if c == nil {
			c = &chunk{}
		}
		first = nil
		c.nodes = slices.Clone(part)
		for _, n := range c.nodes {
			n.chunk = c
		}
		chunks = append(chunks, c)
	}
	return chunks
}

// remove takes the node with that id out and returns it, or nil.
func (l *list) remove(id EntryID) *node {
	n := l.byID[id]
	if n == nil {
		return nil
	}
	delete(l.byID, id)
	c := n.chunk
	n.chunk = nil
	c.nodes = slices.Delete(c.nodes, slices.Index(c.nodes, n), slices.Index(c.nodes, n)+1)
	if len(c.nodes) < chunkMax/8 {
		l.merge(slices.Index(l.chunks, c))
	}
	return n
}

// merge joins a chunk that became small with the one behind it.
func (l *list) merge(i int) {
	c := l.chunks[i]
	if len(c.nodes) > 0 {
		if i+1 == len(l.chunks) || len(c.nodes)+len(l.chunks[i+1].nodes) > chunkMax {
			return
		}
		next := l.chunks[i+1]
		for _, n := range c.nodes {
			n.chunk = next
		}
		next.nodes = slices.Insert(next.nodes, 0, c.nodes...)
	}
	l.chunks = slices.Delete(l.chunks, i, i+1)
}

// span returns up to n nodes from position i on.
func (l *list) span(i, n int) []*node {
	i = max(i, 0)
	n = min(n, l.len()-i)
	if n <= 0 {
		return nil
	}
	out := make([]*node, 0, n)
	c, at := l.locate(i)
	for ; c < len(l.chunks) && len(out) < n; c++ {
		nodes := l.chunks[c].nodes[at:]
		out = append(out, nodes[:min(len(nodes), n-len(out))]...)
		at = 0
	}
	return out
}
