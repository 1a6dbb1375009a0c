package jump

import "math"

// What a listener's own hearing says of their next track, beside what sessions
// say. Chosen on the validation homes of protocol H.
const (
	ownTimes  = 0.5  // times the logarithm of how often it was heard
	ownNew    = 1.0  // times the log-odds of this listener choosing something new
	ownTheirs = -0.7 // heard by others at home alone
	ownUsual  = 0.5  // share of new tracks where nothing is known of the listener
	ownShrink = 10   // plays
)

// novelty is the log-odds of a listener's next track being one they did not
// hear before.
func (l *listener) novelty() float64 {
	fresh := (l.firsts + ownShrink*ownUsual) / (l.counted + ownShrink)
	return math.Log(fresh / (1 - fresh))
}

// ownNext adds to the scores what the listener heard themselves, and to what
// comes into question the whole library if it is not large.
func (e *Engine) ownNext(q Session, out *sums) {
	l := e.who(q.Listener)
	add := func(s int32) {
		h := l.known(s)
		v := 0.0
		if h != nil && h.plays > 0 {
			v = ownTimes * math.Log1p(float64(h.plays))
		} else if l != nil {
			v = ownNew * l.novelty()
			if e.heat[s].plays > 0 {
				v += ownTheirs
			}
		}
		out.add(s, float32(v))
	}
	if e.live <= wholeLibrary {
		for i := range e.items {
			add(int32(i))
		}
		return
	}
	for _, s := range out.slots {
		add(s)
	}
}
