package jump

import (
	"slices"
	"strings"
	"time"
)

// rebuild makes what follows from the lists of baskets, for n slots.
func (b *baskets) rebuild(n int) {
	b.weight = make([]float32, b.lists.len())
	b.mass = make([]float32, n)
	var last []int32 // the basket that a slot was met in
	b.of.pack(n, func(put func(slot, basket int32)) {
		last = filled(last, n, -1)
		for basket := range int32(b.lists.len()) {
			for _, s := range b.lists.at(basket) {
				if last[s] != basket {
					last[s] = basket
					put(s, basket)
				}
			}
		}
	})
	for basket := range b.lists.len() {
		b.weigh(int32(basket))
	}
}

// codeLists is the names of the playlists and the spots.
func (e *Engine) codeLists(c *codec) {
	if c.reading {
		e.lists = make([]list, e.inLists.lists.len())
	}
	for i := range e.lists {
		l := &e.lists[i]
		c.text(&l.id)
		c.text(&l.name)
		c.flag(&l.gone)
		if c.reading {
			e.playlists[l.id] = int32(i)
		}
	}
	each(c, &e.spots, 3, func(s *spot) {
		c.text(&s.id)
		c.text(&s.name)
		c.slots(&s.slots, len(e.items))
	})
}

func (v *vectors) code(c *codec, n int) {
	number(c, &v.rank, 0, mostRank)
	c.bytes(&v.rows)
	rows := len(v.rows) / v.stride()
	each(c, &v.row, 1, func(row *int32) { c.ref(row, rows) })
	if c.reading && (len(v.rows) != rows*v.stride() || len(v.row) > n) {
		c.fail("the vectors are of another size")
	}
}

// code is what is known by sound. How it is scaled is told anew; the moods stay.
func (s *sounds) code(c *codec, n int) {
	const bytes = 1 + 4*SoundSize
	known := c.count(s.n, bytes)
	if c.reading {
		s.slot, s.raw = make([]int32, 0, known), make([]float32, 0, known*SoundSize)
	}
	at := 0
	for range known {
		var slot int32
		var x [SoundSize]float32
		if !c.reading {
			for s.slot[at] < 0 {
				at++
			}
			slot, x = s.slot[at], [SoundSize]float32(s.raw[at*SoundSize:])
			at++
		}
		c.slot(&slot, n)
		for k := range x {
			c.float(&x[k])
		}
		if c.reading {
			s.set(slot, x[:])
		}
	}
	if c.reading {
		s.settle()
		s.late = nil
	}
	s.cells.code(c, n)
	if c.reading && c.err == nil {
		s.cells.refill(&s.unit)
	}
}

func (cl *cells) code(c *codec, n int) {
	cells := c.count(len(cl.in), 2*SoundSize)
	if c.reading {
		cl.in, cl.near = make([][]int32, cells), make([][]int8, cells)
	}
	c.aim(&cl.rows)
	each(c, &cl.moods, 4+2*SoundSize, func(m *mood) {
		c.text(&m.id)
		c.text(&m.name)
		c.aim(&m.centre)
		c.slot(&m.from, cells)
		number(c, &m.to, int64(m.from)+1, int64(cells))
		if len(m.centre) != SoundSize && c.reading {
			c.fail("a mood has a centre of another size")
		}
	})
	each(c, &cl.of, 1, func(cell *int32) { c.ref(cell, cells) })
	if c.reading && (len(cl.rows) != cells*SoundSize || len(cl.of) > n) {
		c.fail("the moods are of another size")
	}
}

// refill puts every slot in its cell.
func (cl *cells) refill(v *vectors) {
	for s, cell := range cl.of {
		row := v.raw(int32(s))
		if cell < 0 || row == nil {
			cl.of[s] = -1
			continue
		}
		cl.in[cell] = append(cl.in[cell], int32(s))
		cl.near[cell] = append(cl.near[cell], row...)
	}
}

func (e *Engine) codeNeighbours(c *codec) {
	n := len(e.items)
	table(c, &e.neighbours, func(slot *int32, row *[]beside) {
		c.slot(slot, n)
		each(c, row, 5, func(b *beside) {
			c.slot(&b.slot, n)
			c.float(&b.like)
		})
	})
}

// codeHearing is what the home heard, item by item.
func (e *Engine) codeHearing(c *codec) {
	integer(c, &e.hearings)
	for i := range e.items {
		h, v := &e.heat[i], &e.vogue[i]
		heard := h.plays != 0 || v.n != 0
		c.flag(&heard)
		if heard {
			c.float(&h.plays)
			integer(c, &h.at)
			c.float(&v.n)
			integer(c, &v.at)
		}
	}
}

// codeListeners is everybody but blends, which follow from their members.
func (e *Engine) codeListeners(c *codec) {
	single := map[string]*listener{}
	for name, l := range e.listeners {
		if !strings.Contains(name, blendMark) {
			single[name] = l
		}
	}
	table(c, &single, func(name *string, l **listener) {
		if c.reading {
			*l = &listener{session: -1, edition: -1, version: 1}
		}
		c.text(name)
		(*l).code(c, len(e.items), e.inSessions.lists.len())
	})
	if c.reading {
		e.listeners = single
	}
}

func (l *listener) code(c *codec, n, sessions int) {
	each(c, &l.heard, 16, func(h *heard) { h.code(c, n) })
	if c.reading {
		for i := range l.heard {
			if int(l.index.of(l.heard[i].slot)) != i {
				c.fail("a listener heard an item twice")
				return
			}
		}
	}
	c.ref(&l.session, sessions)
	integer(c, &l.lastAt)
	c.slots(&l.favourites, n)
	c.float64(&l.firsts)
	c.float64(&l.counted)
	integer(c, &l.since)
	c.flag(&l.paused)
	c.flag(&l.apart)
	l.wishes.code(c)
	each(c, &l.log, 36, func(t *told) { t.code(c, n, sessions) })
	l.trail.code(c)
	if c.reading { // they are looked up among what was heard
		l.favourites = slices.DeleteFunc(l.favourites, func(s int32) bool { return l.index.find(s) < 0 })
	}
}

func (h *heard) code(c *codec, n int) {
	c.slot(&h.slot, n)
	number(c, &h.rating, int64(Disliked), int64(Liked))
	integer(c, &h.plays)
	integer(c, &h.flowed)
	integer(c, &h.onDay)
	c.float(&h.pos)
	c.float(&h.neg)
	integer(c, &h.at)
	integer(c, &h.lastAt)
	integer(c, &h.skippedAt)
}

func (w *wishes) code(c *codec) {
	of := map[string]Wish{} // by kind and id
	for about, wish := range w.of {
		of[string(about.Kind)+"\x00"+about.ID] = wish
	}
	table(c, &of, func(about *string, wish *Wish) {
		c.text(about)
		c.name((*string)(wish))
	})
	if !c.reading {
		return
	}
	for about, wish := range of {
		kind, id, _ := strings.Cut(about, "\x00")
		if w.of == nil {
			w.of = map[Context]Wish{}
		}
		w.of[Context{Kind: Kind(kind), ID: id}] = wish
	}
}

func (t *told) code(c *codec, n, sessions int) {
	c.slot(&t.slot, n)
	c.ref(&t.session, sessions)
	c.float(&t.pos)
	c.float(&t.neg)
	integer(c, &t.at)
	c.flag(&t.counted)
	c.flag(&t.heard)
	c.flag(&t.first)
	t.before.code(c, n)
	c.float(&t.vogue.n)
	integer(c, &t.vogue.at)
	integer(c, &t.lastAt)
	if c.reading && t.heard && t.session < 0 {
		c.fail("a play stands in no session")
	}
}

func (t *trail) code(c *codec) {
	each(c, &t.steps, 8, func(s *step) {
		s.from.code(c)
		s.to.code(c)
		at := s.at.UnixNano()
		integer(c, &at)
		s.at = time.Unix(0, at)
		c.flag(&s.refused)
	})
	t.start.code(c)
}

func (x *Context) code(c *codec) {
	c.name((*string)(&x.Kind))
	c.text(&x.ID)
	c.text(&x.Name)
}
