package jump

// What sounding alike counts. No listening was there to fit these to: they
// stand beside the weights of names and tags so that the closest sounds count
// as much as a shared artist does, where nothing else is known.
const (
	likeSound = 0.12 // times the squared cosine,
	soundKept = 0.15 // of which all but this fades where lists say enough
	soundSure = 30   // n/(n+30): scaled by a handful of tracks it says little
	soundPool = 100  // tracks that come into question by their sound, at least
	nextSound = 2.0  // what follows a track that no session holds;
	// where sessions say so much that it would count less than this, it does not
	nextSoundLeast = 0.4
)

// heardAs is what seeds sound like.
type heardAs struct {
	aim    aim // empty for nothing known
	weight float32
	seeds  []int32
}

// of returns what sounding like the seeds adds for an item.
func (h *heardAs) of(e *Engine, s int32) float32 {
	if len(h.aim) == 0 {
		return 0
	}
	if cos := e.sounds.unit.cosine(h.aim, s); cos > 0 {
		return h.weight * cos * cos
	}
	return 0
}

// closest returns the seed that an item sounds most like.
func (h *heardAs) closest(e *Engine, s int32) int32 {
	best, most := int32(-1), float32(-2)
	sc := &e.scratch
	for _, from := range h.seeds {
		c := e.sounds.unit.centre()
		if e.sounds.unit.addUnit(c, from, 1) {
			sc.aim = aimed(sc.aim[:0], c)
			if cos := e.sounds.unit.cosine(sc.aim, s); cos > most {
				best, most = from, cos
			}
		}
	}
	return best
}

// spreadSound adds what sounds like the seeds, with a confidence of its own: by
// how many of the seeds are known and how many tracks of the library.
func (e *Engine) spreadSound(seeds []seed, most int) {
	like := &e.scratch.like
	h := &like.sound
	h.seeds, h.weight = h.seeds[:0], 0
	h.aim = h.aim[:0]
	if !e.sounds.settle() {
		return
	}
	c := e.sounds.unit.centre()
	has, all := 0.0, 0.0
	for _, s := range seeds {
		known := e.sounds.unit.addUnit(c, s.slot, float32(s.weight))
		if s.weight <= 0 {
			continue
		}
		all += s.weight
		if known {
			has += s.weight
			h.seeds = append(h.seeds, s.slot)
		}
	}
	if has == 0 || !unit(c) {
		return
	}
	n := float64(e.sounds.n)
	h.aim = aimed(h.aim, c)
	h.weight = float32(likeSound * has / all * n / (n + soundSure) * (1 - (1-soundKept)*like.known))
	for _, near := range e.soundsNear(h.aim, most) {
		like.row(near.slot)
	}
	e.sounds.unit.fetch(like.slots)
	for i, s := range like.slots {
		if v := h.of(e, s); v > 0 {
			like.rows[i].offer(v, -1, spokeSound)
		}
	}
}

// soundsNear returns the n slots that sound most like an aim, in no order, each
// with its cosine: those in the nearest cells, or, before there are cells, among
// some at random.
func (e *Engine) soundsNear(c aim, n int) []scored {
	sc := &e.scratch
	near := sc.near[:0]
	u := &e.sounds.unit
	if len(e.sounds.cells.in) == 0 {
		all := e.sounds.slot
		sc.seen.begin()
		for i := range min(soundsLook, len(all)) {
			s := all[i]
			if len(all) > soundsLook { // at random: libraries have an order
				s = all[int(noise(soundsLook, int32(i))*float64(len(all)))]
			}
			if s >= 0 && !sc.seen.has(s) {
				sc.seen.set(s, 0)
				near = append(near, scored{s, u.cosine(c, s)})
			}
		}
	} else {
		for _, i := range e.cellsNear(c, min(moodsLook, max(moodsLeast, n/soundsMood))) {
			if len(near) >= min(soundsLook, soundsEach*n) {
				break
			}
			rows := e.sounds.cells.near[i.slot]
			for k, s := range e.sounds.cells.in[i.slot] {
				near = append(near, scored{s, c.cosine(cutStep(rows[k*u.stride() : (k+1)*u.stride()]))})
			}
		}
	}
	sc.near = near
	return highest(near, n)
}

// cellsNear returns the cells that are nearest to an aim, the nearest first: of
// those in so many moods that are.
func (e *Engine) cellsNear(c aim, most int) []scored {
	sc, cl := &e.scratch, &e.sounds.cells
	moods := sc.best[:0]
	for i := range cl.moods {
		moods = append(moods, scored{int32(i), c.times(cl.moods[i].centre)})
	}
	sc.best = moods
	cells := sc.cells[:0]
	for _, near := range highest(moods, most) {
		m := &cl.moods[near.slot]
		for i := m.from; i < m.to; i++ {
			cells = append(cells, scored{i, c.times(cl.rows[i*SoundSize : (i+1)*SoundSize])})
		}
	}
	sc.cells = cells
	first := highest(cells, mostCellsAt)
	byScore(first)
	return first
}

// followSound adds to what follows a session, the more the fewer sessions hold
// its last track, what sounds like its last tracks; n are asked for.
func (e *Engine) followSound(recent []int32, out *sums, n int) {
	if len(recent) == 0 || !e.sounds.settle() {
		return
	}
	known := float32(e.inSessions.count(recent[len(recent)-1]))
	weight := nextSound * nextShrink / (known + nextShrink)
	if weight < nextSoundLeast {
		return
	}
	c := e.sounds.unit.centre()
	w := float32(1)
	for i := len(recent) - 1; i >= max(0, len(recent)-nextItems); i-- {
		e.sounds.unit.addUnit(c, recent[i], w)
		w *= nextTogether
	}
	if !unit(c) {
		return
	}
	sc := &e.scratch
	sc.aim = aimed(sc.aim[:0], c)
	e.sounds.unit.fetch(out.slots)
	for i, s := range out.slots {
		if cos := e.sounds.unit.cosine(sc.aim, s); cos > 0 {
			out.v[i] += weight * cos * cos
		}
	}
	for _, near := range e.soundsNear(sc.aim, max(n, soundPool)) {
		if near.v > 0 && !out.has(near.slot) {
			out.add(near.slot, weight*near.v*near.v)
		}
	}
}
