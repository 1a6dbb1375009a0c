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
	nextItems    = 8   // last tracks that are looked at,
	nextSessions = 400 // in so many of the newest sessions of each
	nextSteps    = 10  // how far apart in a session two tracks still say something
	nextPool     = 300 // candidates that are compared by their vectors

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
	return v.n * float32(math.Exp(-float64(hearings-v.at)/fashionPlays))
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
	recent := e.places(q.Recent)
	out := e.follow(recent, max(n, nextPool))
	e.followSound(recent, out)
	pool := out.touched
	if q.Listener != "" {
		pool = e.ownNext(q, out)
	}
	kept := e.scratch.order[:0]
	for _, s := range pool {
		if e.items[s].live && (!q.Fresh || !slices.Contains(recent, s)) {
			kept = append(kept, s)
		}
	}
	e.scratch.order = kept
	return e.ranked(kept, out.v, n)
}

// ranked returns the n best of the slots.
func (e *Engine) ranked(slots []int32, score []float32, n int) []Ranked {
	best := highest(slots, score, max(0, n))
	byScore(best, score)
	out := make([]Ranked, len(best))
	for i, s := range best {
		out[i] = Ranked{e.items[s].ID, float64(score[s])}
	}
	return out
}

// places returns the slots of ids that are known.
func (e *Engine) places(ids []string) []int32 {
	out := e.scratch.recent[:0]
	for _, id := range ids {
		if s, ok := e.slots[id]; ok {
			out = append(out, s)
		}
	}
	e.scratch.recent = out
	return out
}

// follow scores what follows the last of some slots. Every score is above
// zero; what it touched is no more than pool slots.
func (e *Engine) follow(recent []int32, pool int) *sums {
	sc := &e.scratch
	steps, together, last := &sc.steps, &sc.together, &sc.last
	for _, s := range []*sums{steps, together, last} {
		s.begin(len(e.items))
	}
	recent = recent[max(0, len(recent)-nextItems):]
	ws, wt := float32(1), float32(1)
	for i, s := range slices.Backward(recent) {
		if !slices.Contains(recent[i+1:], s) {
			e.around(s, ws, wt, i == len(recent)-1)
		}
		ws *= nextStepDecay
		wt *= nextTogether
	}
	for _, s := range together.touched {
		v := weightSteps*steps.v[s] + weightTogether*root(together.v[s])
		v += weightLast*root(last.v[s]) + weightFashion*log1p(e.vogue[s].now(e.hearings))
		together.v[s] = v
	}
	for i, s := range recent {
		if !together.on[s] || slices.Contains(recent[i+1:], s) {
			continue
		}
		together.v[s] += weightPassed * float32(math.Exp(-float64(len(recent)-1-i)/passedTracks))
		if i == len(recent)-1 {
			together.v[s] += weightAgain
		}
	}
	e.compare(recent, together, pool)
	return together
}

func root(v float32) float32  { return float32(math.Sqrt(float64(v))) }
func log1p(v float32) float32 { return float32(math.Log1p(float64(v))) }

// around adds what stands around one item in its newest sessions: by how many
// steps apart, and whether at all, as a cosine.
func (e *Engine) around(x int32, ws, wt float32, isLast bool) {
	sc := &e.scratch
	count, near := &sc.count, &sc.near
	count.begin(len(e.items))
	near.begin(len(e.items))
	if int(x) >= len(e.inSessions.of) {
		return
	}
	of := e.inSessions.of[x]
	for _, session := range of[max(0, len(of)-nextSessions):] {
		items := e.inSessions.lists[session]
		for i, it := range items {
			if it == x {
				stepsFrom(items, i, near)
			}
			if i == 0 || it != items[i-1] {
				count.add(it, 1)
			}
		}
	}
	all := float32(len(of))
	for _, s := range near.touched {
		sc.steps.add(s, ws*root(near.v[s]/(all+nextShrink)))
	}
	for _, s := range count.touched {
		n := min(count.v[s], all)
		cos := n / (root(all*float32(len(e.inSessions.of[s]))) + nextShrink)
		sc.together.add(s, wt*cos)
		if isLast {
			sc.last.add(s, cos)
		}
	}
}

// stepsFrom adds the inverse distance of what stands around one place.
func stepsFrom(items []int32, at int, near *sums) {
	x := items[at]
	for j := max(0, at-nextSteps); j < min(len(items), at+nextSteps+1); j++ {
		switch {
		case items[j] == x:
		case j > at:
			near.add(items[j], stepWeight[j-at])
		default:
			near.add(items[j], nextBefore*stepWeight[at-j])
		}
	}
}

var stepWeight = [nextSteps + 1]float32{0, 1, 1. / 2, 1. / 3, 1. / 4, 1. / 5, 1. / 6, 1. / 7, 1. / 8, 1. / 9, 1. / 10}

// compare keeps the best of the candidates and adds how alike they are to the
// session by their vectors.
func (e *Engine) compare(recent []int32, out *sums, pool int) {
	best := highest(out.touched, out.v, pool)
	for _, s := range out.touched[len(best):] {
		out.on[s], out.v[s] = false, 0
	}
	out.touched = best
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
	for _, s := range best {
		out.v[s] += weightVectors * max(0, e.vectors.cosine(c, s))
	}
}
