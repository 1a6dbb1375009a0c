package jump

// draw takes items by score under the rules of no repeats. It keeps the
// timeline: what was recent, then what it drew.
type draw struct {
	e     *Engine
	c     *scorer
	pool  []int32 // the best, all of them free at the start
	all   []int32 // everything in question
	whole bool    // which is the whole library
	now   int32   // place of the next pick
	apart int32   // other tracks between two plays of one
	last  int32   // the slot before the next pick, -1 for none
	tight bool    // hardly enough artists: pace them
}

// newDraw prepares a draw of what comes into question; narrow comes next.
func (e *Engine) newDraw(r Request, c *scorer, most *bounds) *draw {
	whole := e.question(r, c, most)
	sc := &e.scratch
	playable := e.live
	if whole {
		playable = e.recordingsOf(sc.score.slots)
	}
	d := e.heardLately(r, playable)
	d.c, d.whole = c, whole
	d.all = append(sc.order[:0], sc.score.slots...)
	sc.order = d.all
	return d
}

// narrow chooses what the picks are looked for in first.
func (d *draw) narrow(count int) {
	d.tight = d.whole && len(d.all) > d.e.cfg.NoRepeat && d.isTight()
	d.pool = d.all
	if best := count*8 + 256; !d.tight && len(d.all) > 2*best {
		d.shortlist(best)
	}
}

// widen looks at the whole library where the rules allow too little of what
// came into question.
func (d *draw) widen() {
	e := d.e
	e.questionAll(d.c)
	d.all = append(e.scratch.order[:0], e.scratch.score.slots...)
	e.scratch.order = d.all
	d.whole = true
	d.apart = int32(e.apart(e.recordingsOf(d.all)))
	d.tight = len(d.all) > e.cfg.NoRepeat && d.isTight()
	d.pool = d.all
}

// recordingsOf counts the recordings of some items and of the works that they
// begin.
func (e *Engine) recordingsOf(slots []int32) int {
	seen, n := &e.scratch.seen, 0
	seen.begin()
	for _, s := range slots {
		for ; s >= 0; s = e.items[s].after {
			if twin := e.items[s].twin; !seen.has(twin) {
				seen.set(twin, 0)
				n++
			}
		}
	}
	return n
}

// favour adds to the score of what comes into question and stands in a context.
func (d *draw) favour(in *within, w float32) {
	score := &d.e.scratch.score
	for i, s := range score.slots {
		if in.holds(d.e, s) {
			score.v[i] += w
		}
	}
}

// heardLately lays out what the request says was recent, among n items that may
// be played.
func (e *Engine) heardLately(r Request, n int) *draw {
	sc := &e.scratch
	d := &draw{e: e, apart: int32(e.apart(n)), last: -1}
	sc.lastPos.begin()
	sc.artPos.begin()
	for _, id := range r.Recent {
		if s, ok := e.slots[id]; ok {
			d.place(s)
		} else {
			d.now++
			d.last = -1
		}
	}
	return d
}

// apart is how many other tracks lie between two plays of one, among n that may
// be played. Where n does not allow what is configured it is half of n: as long
// a gap as there is room for would leave only one track to choose, and a JUMP
// could not lead anywhere.
func (e *Engine) apart(n int) int {
	if n > e.cfg.NoRepeat {
		return e.cfg.NoRepeat
	}
	return n / 2
}

// place puts an item at the end of the timeline.
func (d *draw) place(s int32) {
	sc := &d.e.scratch
	en := &d.e.items[s]
	sc.lastPos.set(en.twin, d.now)
	for _, a := range [2]int32{en.artist, en.composer} {
		if a >= 0 {
			sc.artPos.set(a, d.now)
		}
	}
	d.last = s
	d.now++
}

// free tells whether a recording was not heard for long enough, nor, where a
// work begins with it, any of that.
func (d *draw) free(s int32) bool {
	items := d.e.items
	for ; s >= 0; s = items[s].after {
		if at := d.e.scratch.lastPos.get(items[s].twin, -1); at >= 0 && d.now-at <= d.apart {
			return false
		}
	}
	return true
}

// artistGap returns how far back the artist of an item was heard, at most the
// gap that the rule asks for.
func (d *draw) artistGap(s int32) int32 {
	gap := int32(d.e.cfg.ArtistGap)
	en := &d.e.items[s]
	for _, a := range [2]int32{en.artist, en.composer} {
		if a >= 0 && d.e.scratch.artPos.has(a) {
			gap = min(gap, d.now-d.e.scratch.artPos.get(a, 0))
		}
	}
	return gap
}

// widest returns how far back the artist of one of the items was heard that is
// free to play now, -1 where none is.
func (d *draw) widest(slots []int32) int32 {
	gap := int32(-1)
	for _, s := range slots {
		if d.free(s) {
			gap = max(gap, d.artistGap(s))
		}
		if gap >= int32(d.e.cfg.ArtistGap) {
			break
		}
	}
	return gap
}

// nearest is the least gap to an artist that a JUMP may leave: not the one who
// just played.
func (d *draw) nearest() int32 { return min(2, int32(d.e.cfg.ArtistGap)) }

// next takes the best item that the rules allow. Where none is allowed it is
// the repeat of a track that is kept away longest: the rule on artists gives
// way first, by as little as possible.
func (d *draw) next() (int32, bool) {
	if s := d.following(); s >= 0 {
		d.place(s)
		return s, true
	}
	s, gap := d.best(d.pool)
	if len(d.pool) < len(d.all) && (s < 0 || gap < int32(d.e.cfg.ArtistGap)) {
		s, gap = d.best(d.all)
	}
	if !d.whole && (s < 0 || gap < int32(d.e.cfg.ArtistGap)) {
		d.widen()
		s, _ = d.best(d.all)
	}
	if s < 0 { // a work that is most of the library comes round sooner
		apart := d.apart
		for ; s < 0 && d.apart > 0; s, _ = d.best(d.all) {
			d.apart /= 2
		}
		d.apart = apart
	}
	if s < 0 {
		return 0, false
	}
	d.place(s)
	return s, true
}

// land takes the best item of where a JUMP leads, so that it leads where it says.
// Its artist need not have been away as long as the rule asks where the library
// is too small for that, but is not the one who just played.
func (d *draw) land(landing *within) (int32, bool) {
	if d.following() >= 0 {
		return 0, false
	}
	var there []int32
	for _, s := range d.e.scratch.score.slots {
		if landing.holds(d.e, s) {
			there = append(there, s)
		}
	}
	s, gap := d.best(there)
	if s < 0 || gap < d.nearest() {
		return 0, false
	}
	d.place(s)
	return s, true
}

// following returns the next part of the work that plays, -1 for none: a work
// is not left in the middle unless it was skipped.
func (d *draw) following() int32 {
	if d.last < 0 || d.c == nil {
		return -1
	}
	s := d.e.items[d.last].after
	if s < 0 || d.c.skipped(d.last) || !d.c.allowed(s) {
		return -1
	}
	if at := d.e.scratch.lastPos.get(d.e.items[s].twin, -1); at >= 0 && d.now-at <= d.apart {
		return -1
	}
	return s
}

// best looks for the free item with the widest gap to its artist, then the
// most urgent artist, then the highest score.
func (d *draw) best(of []int32) (best, gap int32) {
	score := &d.e.scratch.score
	total := d.countFree(of)
	best, gap = -1, -1
	var urgency int32
	most := float32(0)
	for _, s := range of {
		if !d.free(s) {
			continue
		}
		g := d.artistGap(s)
		if g < gap {
			continue
		}
		u := d.urgency(s, total)
		if v := score.get(s); g > gap || u > urgency || u == urgency && v > most {
			best, gap, urgency, most = s, g, u, v
		}
	}
	return best, gap
}

// isTight tells whether the artists hardly suffice for the rules. In any
// stretch of NoRepeat tracks an artist fits NoRepeat/ArtistGap times.
func (d *draw) isTight() bool {
	sc := &d.e.scratch
	sc.free = filled(sc.free, len(d.e.artists.all), 0)
	most := int32(max(1, d.e.cfg.NoRepeat/d.e.cfg.ArtistGap))
	room := 0
	for _, s := range d.all {
		a := d.e.items[s].artist
		if a < 0 {
			room++
			continue
		}
		if sc.free[a]++; sc.free[a] <= most {
			room++
		}
	}
	return room < 2*d.e.cfg.NoRepeat
}

// countFree counts the free items and those of each artist, and notes when
// each artist's oldest track was heard, if that matters.
func (d *draw) countFree(of []int32) int32 {
	if !d.tight {
		return 0
	}
	sc := &d.e.scratch
	sc.free = filled(sc.free, len(d.e.artists.all), 0)
	sc.oldest = filled(sc.oldest, len(d.e.artists.all), d.now)
	total := int32(0)
	for _, s := range of {
		a := d.e.items[s].artist
		if d.free(s) {
			total++
			if a >= 0 {
				sc.free[a]++
			}
		} else if a >= 0 {
			sc.oldest[a] = min(sc.oldest[a], max(0, sc.lastPos.get(d.e.items[s].twin, 0)))
		}
	}
	return total
}

// urgency is by how much the free tracks of an artist exceed the places that
// are left for them: above 0 that artist's turn is now, or the rule cannot be
// kept later. In a small library all places are taken in turn, so the last of
// one round must keep clear of the first of the next as well.
func (d *draw) urgency(s, total int32) int32 {
	a := d.e.items[s].artist
	if !d.tight || a < 0 {
		return 0
	}
	gap := int32(d.e.cfg.ArtistGap)
	need := d.e.scratch.free[a] * gap
	if early := d.e.scratch.oldest[a] + d.apart + 1 - (d.now + total); early >= 0 && early < gap-1 {
		need += gap - 1 - early
	}
	return max(0, need-total)
}

// shortlist keeps the n best free items in pool.
func (d *draw) shortlist(n int) {
	sc := &d.e.scratch
	best := sc.best[:0]
	for _, s := range d.all {
		if d.free(s) {
			best = append(best, scored{s, sc.score.get(s)})
		}
	}
	sc.best = best
	d.pool = make([]int32, 0, n)
	for _, b := range highest(best, n) {
		d.pool = append(d.pool, b.slot)
	}
}
