package jump

import "slices"

// rows are many short lists of numbers, side by side in one piece of memory: a
// list costs twelve bytes beside its numbers, a search through many of them
// stays in few places, and the garbage collector has nothing to look at. A list
// that outgrows its room moves to the end; what it leaves is made use of when it
// has become half of all.
type rows struct {
	spans []span
	data  []int32
	gaps  int // numbers of data that belong to no list
	read  int32
}

// span is where a list is.
type span struct{ from, n, room uint32 }

// leastRoom is what a list has when it first moves.
const leastRoom = 4

// len returns how many lists there are.
func (r *rows) len() int { return len(r.spans) }

// grow makes room for n lists.
func (r *rows) grow(n int) {
	if short := n - len(r.spans); short > 0 {
		r.spans = append(r.spans, make([]span, short)...)
	}
}

// at returns a list, good until any of them changes.
func (r *rows) at(i int32) []int32 {
	s := r.spans[i]
	return r.data[s.from : s.from+s.n : s.from+s.n]
}

// fetch reads the ends of some lists, so that they are near when they are looked
// at: a processor fetches ten lines of memory side by side in the time that it
// waits for one.
func (r *rows) fetch(of []int32) {
	sum := uint32(0)
	for _, i := range of {
		sum += r.spans[i].n
	}
	read := int32(sum)
	for _, i := range of {
		if s := &r.spans[i]; s.n > 0 {
			read += r.data[s.from] + r.data[s.from+s.n-1]
		}
	}
	r.read = read
}

// count returns the length of a list, 0 for one that is not there.
func (r *rows) count(i int32) int {
	if int(i) >= len(r.spans) {
		return 0
	}
	return int(r.spans[i].n)
}

// push appends a number to a list.
func (r *rows) push(i, v int32) {
	s := &r.spans[i]
	if s.n == s.room {
		r.move(s, max(leastRoom, 2*s.n))
	}
	r.data[s.from+s.n] = v
	s.n++
}

// move gives a list so much room at the end.
func (r *rows) move(s *span, room uint32) {
	if r.gaps > len(r.data)/2 {
		r.tidy()
	}
	if s.from+s.room == uint32(len(r.data)) { // it is there
		r.data = append(r.data, make([]int32, room-s.room)...)
		s.room = room
		return
	}
	r.gaps += int(s.room)
	from := uint32(len(r.data))
	r.data = append(r.data, r.data[s.from:s.from+s.n]...)
	r.data = append(r.data, make([]int32, room-s.n)...)
	s.from, s.room = from, room
}

// tidy leaves no gaps.
func (r *rows) tidy() {
	data := make([]int32, 0, len(r.data)-r.gaps+len(r.data)/8)
	for i := range r.spans {
		s := &r.spans[i]
		from := uint32(len(data))
		data = append(data, r.data[s.from:s.from+s.n]...)
		s.from, s.room = from, s.n
	}
	r.data, r.gaps = data, 0
}

// set replaces a list.
func (r *rows) set(i int32, list []int32) {
	s := &r.spans[i]
	if n := uint32(len(list)); n > s.room {
		s.n = 0
		r.move(s, n)
	}
	s.n = uint32(copy(r.data[s.from:s.from+s.room], list))
}

// cut takes one number out of a list, if it is there.
func (r *rows) cut(i, v int32) bool {
	list := r.at(i)
	at := slices.Index(list, v)
	if at < 0 {
		return false
	}
	copy(list[at:], list[at+1:])
	r.spans[i].n--
	return true
}

// pack makes these lists, one after the other, from what visit gives in any order:
// it is called twice and gives the same each time.
func (r *rows) pack(n int, visit func(put func(i, v int32))) {
	*r = rows{spans: make([]span, n)}
	all := uint32(0)
	visit(func(i, _ int32) { r.spans[i].room++; all++ })
	r.data = make([]int32, all)
	from := uint32(0)
	for i := range r.spans {
		r.spans[i].from = from
		from += r.spans[i].room
	}
	visit(func(i, v int32) {
		s := &r.spans[i]
		r.data[s.from+s.n] = v
		s.n++
	})
}

// code is the lists, of numbers below n.
func (r *rows) code(c *codec, n int) {
	count := c.count(len(r.spans), 1)
	if c.reading {
		*r = rows{spans: make([]span, count)}
	}
	for i := range r.spans {
		s := &r.spans[i]
		k := uint32(c.count(int(s.n), 1))
		if c.reading {
			*s = span{uint32(len(r.data)), k, k}
			r.data = slices.Grow(r.data, int(k))[:len(r.data)+int(k)]
		}
		for at := range r.at(int32(i)) {
			c.slot(&r.data[int(s.from)+at], n)
		}
	}
}
