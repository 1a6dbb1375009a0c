package jump

// What sounding alike counts. No listening was there to fit these to: they
// stand beside the weights of names and tags so that the closest sounds count
// as much as a shared artist does, where nothing else is known.
const (
	likeSound = 0.12 // times the squared cosine,
	soundKept = 0.15 // of which all but this fades where lists say enough
	soundSure = 30   // n/(n+30): scaled by a handful of tracks it says little
	soundPool = 300  // tracks that come into question by their sound
	nextSound = 2.0  // what follows a track that no session holds
)

// heardAs is what seeds sound like.
type heardAs struct {
	centre []float32 // unit vector, empty for nothing known
	weight float32
	seeds  []int32
}

// of returns what sounding like the seeds adds for an item.
func (h *heardAs) of(e *Engine, s int32) float32 {
	if len(h.centre) == 0 {
		return 0
	}
	if cos := e.sounds.unit.cosine(h.centre, s); cos > 0 {
		return h.weight * cos * cos
	}
	return 0
}

// closest returns the seed that an item sounds most like.
func (h *heardAs) closest(e *Engine, s int32) int32 {
	best, most := int32(-1), float32(-2)
	for _, from := range h.seeds {
		c := e.sounds.unit.centre()
		if e.sounds.unit.addUnit(c, from, 1) {
			if cos := e.sounds.unit.cosine(c, s); cos > most {
				best, most = from, cos
			}
		}
	}
	return best
}

// spreadSound adds what sounds like the seeds, with a confidence of its own: by
// how many of the seeds are known and how many tracks of the library.
func (e *Engine) spreadSound(seeds []seed) {
	like := &e.scratch.like
	h := &like.sound
	h.seeds, h.weight = h.seeds[:0], 0
	h.centre = h.centre[:0]
	if !e.sounds.settle() {
		return
	}
	c := zeroed(h.centre, SoundSize)
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
	h.centre = c
	h.weight = float32(likeSound * has / all * n / (n + soundSure) * (1 - (1-soundKept)*like.known))
	for _, s := range e.soundsNear(c, soundPool) {
		like.offer(s, 0, -1, ReasonSound)
	}
	for _, s := range like.touched {
		if v := h.of(e, s); v > 0 {
			like.offer(s, v, -1, ReasonSound)
		}
	}
}

// soundsNear returns the n slots that sound most like a centre, in no order:
// those in the nearest cells, or, before there are cells, among
// some at random.
func (e *Engine) soundsNear(c []float32, n int) []int32 {
	sc := &e.scratch
	near := &sc.near
	near.begin(len(e.items))
	u := &e.sounds.unit
	if len(e.sounds.cells.in) == 0 {
		all := e.sounds.slot
		for i := range min(soundsLook, len(all)) {
			s := all[i]
			if len(all) > soundsLook { // at random: libraries have an order
				s = all[int(noise(soundsLook, int32(i))*float64(len(all)))]
			}
			if s >= 0 && !near.on[s] {
				near.add(s, u.cosine(c, s))
			}
		}
		return highest(near.touched, near.v, n)
	}
	cl := &e.sounds.cells
	sc.cell.begin(len(cl.in))
	for i := range cl.in {
		sc.cell.add(int32(i), dot(c, cl.rows[i*SoundSize:(i+1)*SoundSize]))
	}
	first := highest(sc.cell.touched, sc.cell.v, mostCellsAt)
	byScore(first, sc.cell.v)
	for _, i := range first {
		if len(near.touched) >= soundsLook {
			break
		}
		for _, s := range cl.in[i] {
			near.add(s, u.cosine(c, s))
		}
	}
	return highest(near.touched, near.v, n)
}

// followSound adds to what follows a session, the more the fewer sessions hold
// its last track, what sounds like its last tracks.
func (e *Engine) followSound(recent []int32, out *sums) {
	if len(recent) == 0 || !e.sounds.settle() {
		return
	}
	known := float32(e.inSessions.count(recent[len(recent)-1]))
	weight := nextSound * nextShrink / (known + nextShrink)
	c := zeroed(e.scratch.like.sound.centre, SoundSize)
	e.scratch.like.sound.centre = c
	w := float32(1)
	for i := len(recent) - 1; i >= max(0, len(recent)-nextItems); i-- {
		e.sounds.unit.addUnit(c, recent[i], w)
		w *= nextTogether
	}
	if !unit(c) {
		return
	}
	for _, s := range e.soundsNear(c, soundPool) {
		out.add(s, 0)
	}
	for _, s := range out.touched {
		if cos := e.sounds.unit.cosine(c, s); cos > 0 {
			out.add(s, weight*cos*cos)
		}
	}
}
