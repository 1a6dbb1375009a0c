package jump

import (
	"slices"
	"time"
)

// How much of the last plays can be taken back.
const (
	takeBackHours = 25
	takeBackPlays = 2000 // of one listener
)

// told is a play as it was counted, so that it can be taken back.
type told struct {
	slot, session int32
	pos, neg      float32
	at            int64
	counted       bool // it was not the fourth of its day
	heard         bool // it stands in the session
	first         bool
	before        heard
	vogue         vogue // before
	lastAt        int64 // of the listener, before
}

// remember keeps a play for taking it back.
func (l *listener) remember(t told) {
	l.log = append(l.log, t)
	old := 0
	for old < len(l.log) && (l.log[old].at < t.at-takeBackHours*60*60 || len(l.log)-old > takeBackPlays) {
		old++
	}
	l.log = slices.Delete(l.log, 0, old)
}

// TakeBack takes back what a listener heard since a time, as when somebody else
// had their zone, and returns how many plays those were: those of the last day
// at least, 2,000 at most. What they said of a track stays. Plays that were told
// since then of other listeners stay.
func (e *Engine) TakeBack(who string, since time.Time) int {
	l := e.listeners[who]
	if l == nil {
		return 0
	}
	n := 0
	for len(l.log) > 0 && l.log[len(l.log)-1].at >= since.Unix() {
		t := l.log[len(l.log)-1]
		l.log = l.log[:len(l.log)-1]
		e.untell(l, &t)
		n++
	}
	if n > 0 {
		l.changed()
	}
	return n
}

// untell undoes one play, the last one that is left.
func (e *Engine) untell(l *listener, t *told) {
	h := l.of(t.slot)
	rating := h.rating
	*h = t.before
	h.rating = rating
	l.lastAt = t.lastAt
	if t.counted && t.pos > 0 {
		heat := &e.heat[t.slot]
		if heat.plays -= t.pos * float32(decay(heat.at-t.at)); heat.plays < 1e-3 {
			heat.plays = 0 // but for rounding
		}
	}
	if t.pos == 0 {
		return
	}
	l.counted = max(0, l.counted-1) / 0.99
	if t.first {
		l.firsts = max(0, l.firsts-1)
	}
	l.firsts /= 0.99
	if !t.heard {
		return
	}
	e.inSessions.unput(t.session, t.slot)
	if v := &e.vogue[t.slot]; v.at == e.hearings {
		*v = t.vogue
	} else { // it was heard elsewhere since
		v.n = max(0, v.n-1)
	}
	e.hearings--
}

// unput takes the last place of an item out of a basket.
func (b *baskets) unput(basket, slot int32) {
	list := slices.Clone(b.lists.at(basket))
	for i, s := range slices.Backward(list) {
		if s != slot {
			continue
		}
		list = slices.Delete(list, i, i+1)
		break
	}
	if !slices.Contains(list, slot) {
		if b.of.cut(slot, basket) {
			b.mass[slot] -= b.weight[basket]
		}
	}
	b.lists.set(basket, list)
	b.weigh(basket)
}

// SetPaused pauses what is learned of a listener, as while there are guests:
// what they play counts for nothing until it is not paused any more.
func (e *Engine) SetPaused(who string, paused bool) { e.listener(who).paused = paused }

// SetApart has what a listener plays feed their own taste and nothing else, from
// now on: for a child, and for a zone where nobody is named. What others hear,
// and what goes with what, stays as it is.
func (e *Engine) SetApart(who string, apart bool) { e.listener(who).apart = apart }
