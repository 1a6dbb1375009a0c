package jump

import (
	"math"
	"slices"
	"time"
)

// What a session's next track is predicted from. The weights were fitted on
// the last tenth of the training sessions of protocol A (docs/recommender.md),
// as those of a softmax over everything that stands in a session with one of
// the last tracks.
const (
	nextItems    = 8  // last tracks that are looked at,
	nextSessions = 80 // in so many of the newest sessions of the last,
	nextFewer    = 2  // half as many for every so many tracks further back
	nextSteps    = 10 // how far apart in a session two tracks still say something
	nextPool     = 60 // candidates that are compared by their vectors,
	nextWide     = 2  // of so many times as many whose vogue is looked up

	nextBefore    = 0.25 // of what stood before the track, beside after it
	nextStepDecay = 0.75 // for each track further back, of the steps,
	nextTogether  = 0.8  // and of standing in one session
	nextShrink    = 5    // sessions

	weightSteps    = 2.7
	weightTogether = 3.2
	weightLast     = 1.1
	weightFashion  = 0.41
	weightVectors  = 3.3
	weightAgain    = 0.67 // the last track once more,
	weightPassed   = -1.1 // and what was heard, the less the longer ago
	passedTracks   = 4

	fashionPlays = 60_000 // at home and imported, after which a play counts by 1/e
)

// vogue is how often an item was heard, fading with what is heard since.
type vogue struct {
	n  float32
	at int64 // plays of all items until then
}

// fashion counts one hearing of an item.
func (e *Engine) fashion(s int32) {
	e.hearings++
	v := &e.vogue[s]
	v.n = v.now(e.hearings) + 1
	v.at = e.hearings
}

func (v *vogue) now(hearings int64) float32 {
	if v.n == 0 {
		return 0
	}
	return v.n * fade(float64(hearings-v.at)/fashionPlays)
}

// Session is what Next continues.
type Session struct {
	// Listener whose own hearing counts as well; empty for nobody in
	// particular.
	Listener string
	Recent   []string // item ids, oldest first; the last eight are looked at
	Fresh    bool     // leave out what the session holds
	Now      time.Time
}

// Ranked is one line of a ranking, without the rules of a flow.
type Ranked struct {
	Item  string
	Score float64
}

// Next ranks what follows a session, best first, at most n and fewer where
// little is known.
func (e *Engine) Next(q Session, n int) []Ranked {
	recent := e.slotsKnown(q.Recent)
	out := e.follow(recent, max(n, nextPool))
	e.followSound(recent, out, n)
	if q.Listener != "" {
		e.ownNext(q, out)
	}
	kept := e.scratch.best[:0]
	e.fetchItems(out.slots)
	for i, s := range out.slots {
		if e.items[s].live && (!q.Fresh || !slices.Contains(recent, s)) {
			kept = append(kept, scored{s, out.v[i]})
		}
	}
	e.scratch.best = kept
	return e.ranked(kept, n)
}

// ranked returns the n best.
func (e *Engine) ranked(of []scored, n int) []Ranked {
	best := highest(of, max(0, n))
	byScore(best)
	out := make([]Ranked, len(best))
	for i, b := range best {
		out[i] = Ranked{e.labels[b.slot].id, float64(b.v)}
	}
	return out
}

// slotsKnown returns the slots of ids that are known.
func (e *Engine) slotsKnown(ids []string) []int32 {
	out := e.scratch.recent[:0]
	for _, id := range ids {
		if s, ok := e.slots[id]; ok {
			out = append(out, s)
		}
	}
	e.scratch.recent = out
	return out
}

// trace is what stands around the last tracks: within one of them by steps and
// by sessions, then over all of them.
type trace struct {
	near, count           float32
	steps, together, last float32
}

// traces are traces by slot.
type traces struct {
	places
	rows []trace // by place
}

// row returns the place of a slot.
func (t *traces) row(slot int32) int32 {
	i := t.of(slot)
	if int(i) == len(t.rows) {
		t.rows = append(t.rows, trace{})
	}
	return i
}

// follow scores what follows the last of some slots, of which it looks at the
// pool best. Every score is above zero.
func (e *Engine) follow(recent []int32, pool int) *sums {
	sc := &e.scratch
	sc.traces.begin()
	sc.traces.rows = sc.traces.rows[:0]
	recent = recent[max(0, len(recent)-nextItems):]
	ws, wt := float32(1), float32(1)
	for i, s := range slices.Backward(recent) {
		if !slices.Contains(recent[i+1:], s) {
			back := len(recent) - 1 - i
			e.around(s, ws, wt, nextSessions>>(back/nextFewer), back == 0)
		}
		ws *= nextStepDecay
		wt *= nextTogether
	}
	best := e.following(recent, pool)
	e.compare(recent, best)
	sc.follow.begin()
	sc.last.begin()
	for _, b := range best {
		sc.follow.add(b.slot, b.v)
		if sc.traces.rows[sc.traces.find(b.slot)].last > 0 {
			sc.last.set(b.slot, 0)
		}
	}
	return &sc.follow
}

// following scores what stands around the last tracks and returns the pool best.
func (e *Engine) following(recent []int32, pool int) []scored {
	sc := &e.scratch
	best := sc.best[:0]
	for i, s := range sc.traces.slots {
		t := &sc.traces.rows[i]
		best = append(best, scored{s, weightSteps*t.steps + weightTogether*root(t.together) + weightLast*root(t.last)})
	}
	sc.best = best
	best = highest(best, nextWide*pool) // what is in vogue is looked up for no more than these
	vogues := sc.vogues[:0]             // apart from what follows, so that they are fetched side by side
	for _, b := range best {
		vogues = append(vogues, e.vogue[b.slot])
	}
	sc.vogues = vogues
	for i := range best {
		s := best[i].slot
		best[i].v += weightFashion * log1p(vogues[i].now(e.hearings))
		at := slices.Index(recent, s)
		if at < 0 {
			continue
		}
		for k := at + 1; k < len(recent); k++ {
			if recent[k] == s {
				at = k
			}
		}
		best[i].v += weightPassed * float32(math.Exp(-float64(len(recent)-1-at)/passedTracks))
		if at == len(recent)-1 {
			best[i].v += weightAgain
		}
	}
	return highest(best, pool)
}

func root(v float32) float32  { return float32(math.Sqrt(float64(v))) }
func log1p(v float32) float32 { return float32(math.Log1p(float64(v))) }

// around adds what stands around one item in its newest sessions, most of them:
// by how many steps apart, and whether at all, as a cosine.
func (e *Engine) around(x int32, ws, wt float32, most int, isLast bool) {
	all := e.inSessions.count(x)
	if all == 0 {
		return
	}
	sc := &e.scratch
	t := &sc.traces
	found := sc.found[:0]
	of, _ := e.inSessions.newest(x, most)
	e.inSessions.lists.fetch(of)
	for _, session := range of {
		items := e.inSessions.lists.at(session)
		in := sc.lists[:0] // their places
		for i, it := range items {
			r := t.row(it)
			in = append(in, r)
			if row := &t.rows[r]; i == 0 || it != items[i-1] {
				if row.count == 0 {
					found = append(found, r)
				}
				row.count++
			}
		}
		for i, it := range items {
			if it == x {
				stepsFrom(in, i, t.rows)
			}
		}
		sc.lists = in
	}
	sc.found = found
	n := float32(all)
	counts := sc.counts[:0]
	for _, r := range found {
		counts = append(counts, int32(e.inSessions.count(t.slots[r])))
	}
	sc.counts = counts
	for i, r := range found {
		row := &t.rows[r]
		row.steps += ws * root(row.near/(n+nextShrink))
		cos := min(row.count, n) / (root(n*float32(counts[i])) + nextShrink)
		row.together += wt * cos
		if isLast {
			row.last += cos
		}
		row.near, row.count = 0, 0
	}
}

// stepsFrom adds the inverse distance of what stands around one place.
func stepsFrom(in []int32, at int, rows []trace) {
	x := in[at]
	for j := max(0, at-nextSteps); j < min(len(in), at+nextSteps+1); j++ {
		switch {
		case in[j] == x:
		case j > at:
			rows[in[j]].near += stepWeight[j-at]
		default:
			rows[in[j]].near += nextBefore * stepWeight[at-j]
		}
	}
}

var stepWeight = [nextSteps + 1]float32{0, 1, 1. / 2, 1. / 3, 1. / 4, 1. / 5, 1. / 6, 1. / 7, 1. / 8, 1. / 9, 1. / 10}

// compare adds how alike the candidates are to the session by their vectors.
func (e *Engine) compare(recent []int32, of []scored) {
	if !e.vectors.ready() {
		return
	}
	c := e.vectors.centre()
	w := float32(1)
	for _, s := range slices.Backward(recent) {
		e.vectors.addUnit(c, s, w)
		w *= nextTogether
	}
	if !unit(c) {
		return
	}
	sc := &e.scratch
	sc.aim = aimed(sc.aim[:0], c)
	sc.slots = slotsIn(sc.slots[:0], of)
	e.vectors.fetch(sc.slots)
	for i := range of {
		of[i].v += weightVectors * max(0, e.vectors.cosine(sc.aim, of[i].slot))
	}
}
